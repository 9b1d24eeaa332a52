import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { startCli } from '../helpers/cli.ts';
import { lookout } from '../helpers/leftovers.ts';
import { childrenOf, until } from '../helpers/processes.ts';
import {
  expectNothingLeft,
  handshakes,
  measure,
  once,
  freshOptions,
  samplesIn,
  scenarioWith,
} from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = await hasTools('mosquitto', 'nats-server', 'rabbitmq-server', 'epmd');
const tun = await hasTun();

/** What users run, and a setting that nats-server does not have. */
const { modes: MODES, brokers } = await loadScenario(
  fileURLToPath(new URL('../../scenarios/brokers.yaml', import.meta.url)),
);
const BROKERS = [...brokers, brokerOf({ name: 'nats', noDelay: false })];

const BACKENDS = tun ? (['proxy', 'tun'] as const) : (['proxy'] as const);
/** One is enough for what hangs on the brokers alone, and takes two minutes. */
const BEST = BACKENDS.slice(-1);

const isNagle = ({ name }: { name: string }): boolean => name === 'nagle';

describe.skipIf(!here)('the brokers of scenarios/brokers.yaml', () => {
  it.each(BEST)(
    'over %s: each mode is measured, or told with the reason why not',
    async (backend) => {
      const scenario = scenarioWith({
        modes: MODES,
        brokers: BROKERS,
        links: [resolveLink({ name: 'near', oneWayMs: 20 })],
        workloads: [handshakes({ connectionsPerSecond: 20 })],
        rounds: 3,
      });
      const { results } = await measure(scenario, join(temporaryFolder(), 'run'), { backend });
      const left = Object.fromEntries(
        results.unsupported.map(({ mode, broker, reason, wrongParameters }): [string, unknown] => [
          `${mode} @ ${broker}`,
          wrongParameters === true ? `wrong parameters: ${reason}` : reason,
        ]),
      );
      const noPsk = (broker: string, reason: RegExp): [string, unknown][] =>
        ['tls12-psk', 'tls13-psk'].map((mode) => [`${mode} @ ${broker}`, expect.stringMatching(reason)]);
      const otherGroup = /^wrong parameters: the client negotiated group = P-256, the mode asks for X25519/;
      expect(left).toEqual({
        ...Object.fromEntries(noPsk('nats', /Go's crypto\/tls has no pre-shared keys/)),
        ...Object.fromEntries(noPsk('rabbitmq', /RabbitMQ has no setting for pre-shared keys/)),
        ...Object.fromEntries(noPsk('by-hand', /its command line has no port for it/)),
        'tls12 @ rabbitmq': expect.stringMatching(otherGroup) as unknown,
        'mtls12 @ rabbitmq': expect.stringMatching(otherGroup) as unknown,
        ...Object.fromEntries(
          MODES.map((mode) => [`${mode} @ nats-nagle`, expect.stringContaining('TCP_NODELAY') as unknown]),
        ),
      });
      expect(results.cells).toHaveLength(MODES.length * BROKERS.length - Object.keys(left).length);
      for (const { id, samples: account } of results.cells)
        expect([id, account.attempted, account.failed, account.excluded]).toEqual([id, 3, 0, 0]);
      expect(String(results.environment['broker'])).toMatch(
        /aedes .*; mosquitto 2.*; nats-server 2.*; rabbitmq 3/,
      );
      await expectNothingLeft();
    },
    300_000,
  );

  // Over the proxy the broker's own TCP is loopback's, and its client acknowledges at once.
  it.skipIf(!tun)('Nagle’s algorithm holds mosquitto’s CONNACK behind the tickets of TLS 1.3', async () => {
    const scenario = scenarioWith({
      modes: ['tls13'],
      brokers: [brokerOf('mosquitto'), brokerOf({ name: 'mosquitto', noDelay: false })],
      links: [resolveLink({ name: 'near', oneWayMs: 20 }), NULL_LINK],
      workloads: [handshakes({ connectionsPerSecond: 10 })],
      rounds: 15,
    });
    const { results, samples } = await measure(scenario, join(temporaryFolder(), 'run'), { backend: 'tun' });
    // The quickest attempt, since the machine may be busy.
    const quickest = (cell: string): number =>
      Math.min(
        ...samples
          .filter((sample) => sample.cell.startsWith(cell))
          .map(({ milestonesMs }) => milestonesMs.connackReceived ?? Infinity),
      );
    // Until the client's delayed acknowledgement, of 40 ms.
    const [on, off] = [quickest('tls13/near/mosquitto-nagle/'), quickest('tls13/near/mosquitto/')];
    expect(on - off).toBeGreaterThan(30);
    // Nobody says when it wrote CONNACK; the wire shows it when it leaves.
    const named = results.inferences.map(({ broker, reasons }) => [broker, reasons.some(isNagle)]);
    expect(Object.fromEntries(named)).toEqual({ mosquitto: false, 'mosquitto-nagle': true });
  });

  it('killed in the middle: the reason is named and what was measured is saved', async () => {
    const scenario = scenarioWith({ modes: ['plain'], brokers: [brokerOf('mosquitto')], rounds: 500 });
    const given = freshOptions({
      observer: once(() => {
        void childrenOf(process.pid).then(async (children) => {
          const keepers = children.filter(({ command }) => command.includes('program.child'));
          for (const { pid } of keepers)
            for (const program of await childrenOf(pid)) process.kill(program.pid, 'SIGKILL');
        });
      }),
    });
    const results = await run(makePlan(scenario), given);
    expect(results.complete).toBe(false);
    expect(results.incompleteBecause).toMatch(/^The mosquitto-1 program ended \(SIGKILL\)/);
    expect(results.incompleteBy).toBe('environment');
    expect((await samplesIn(given.folder)).length).toBeGreaterThan(4);
    await expectNothingLeft();
  });

  it('with a mode that none of them can start with: exit code 5 before anything is measured', async () => {
    const scenario = scenarioWith({
      modes: ['tls13+key=ml-dsa-44'],
      brokers: [brokerOf('mosquitto')],
      links: [NULL_LINK],
    });
    await expect(run(makePlan(scenario), freshOptions())).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(
        /mosquitto-1 program ended before it was ready[^]*certificate/,
      ) as unknown,
    });
    await expectNothingLeft();
  });

  it.each(BACKENDS)(
    'over %s: kill -9 of the runner leaves no broker, no epmd, no helper of Erlang and no file',
    async (backend) => {
      const folder = temporaryFolder();
      const scenario = join(folder, 'scenario.yaml');
      await writeFile(
        scenario,
        'name: t\nquestion: q?\nmodes: [plain]\nlinks: [lan]\nbroker: [mosquitto, nats, rabbitmq]\nrounds: 2000\nworkload: { kind: handshake }\n',
      );
      const watch = await lookout();
      onTestFinished(() => watch.end());
      const options = ['--backend', backend, '--allow-uncalibrated', '--out', join(folder, 'run')];
      const cli = startCli(['run', scenario, ...options], { cwd: folder, env: watch.env });
      onTestFinished(() => void cli.kill('SIGKILL'));
      let said = '';
      cli.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      await until('it measures', () => said.includes('measuring'), 200_000);
      // Four keepers, three brokers, epmd and the helpers of Erlang beside the bench's own: there is something to leave.
      expect(watch.look().processes).toBeGreaterThan(12);
      cli.kill('SIGKILL');
      await cli;
      let left: string[] = ['not looked yet'];
      await until('nothing is left', async () => (left = await watch.leftovers()).length === 0, 15_000).catch(
        () => {},
      );
      expect(left).toEqual([]);
      await expect(readFile(join(folder, 'run', 'results.json'))).rejects.toThrow(/ENOENT/);
    },
    240_000,
  );
});
