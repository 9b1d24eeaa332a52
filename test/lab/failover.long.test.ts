import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { resolveLink } from '../../src/link/spec.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { failoverSchema, type FailoverWorkload } from '../../src/swarm/workloads/settings/failover.ts';
import { heard, startCli } from '../helpers/cli.ts';
import { lookout } from '../helpers/leftovers.ts';
import { childrenOf } from '../helpers/processes.ts';
import { expectNothingLeft, measure, freshOptions, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('nft'));

const LINK = resolveLink({ name: 'outer', oneWayMs: 10 });
const INNER = resolveLink({ name: 'inner', oneWayMs: 2 });

function scenario(modes: string[], workload: Partial<FailoverWorkload>, failoverMs: number) {
  return scenarioWith({
    modes,
    links: [LINK],
    topologies: [topologyOf<string>({ name: 'redundant-firewalls', failoverMs }, () => INNER)],
    workloads: [
      {
        ...failoverSchema.parse({ kind: 'failover', clients: 12, keepAliveSeconds: 1, pingTimeoutMs: 400 }),
        ...workload,
      },
    ],
  });
}

async function measured(...given: Parameters<typeof scenario>): Promise<Results> {
  const folder = join(temporaryFolder(), 'run');
  const { results } = await measure(scenario(...given), folder, { backend: 'tun' });
  expect(results.complete).toBe(true);
  return results;
}

function failoverOf({ cells }: Results, mode: string): NonNullable<CellResult['failover']> {
  const found = cells.find((cell) => cell.mode === mode)?.failover;
  if (found === undefined) throw new Error(`${mode} has no failover`);
  return found;
}

test.skipIf(!here)(
  'after a power cut every client notices by itself and comes back over the other path, cell after cell',
  { timeout: 120_000 },
  async () => {
    const results = await measured(['plain', 'tls13', 'tls13-resumed', 'tls12-resumed-ticket'], {}, 800);
    for (const mode of ['plain', 'tls13', 'tls13-resumed', 'tls12-resumed-ticket']) {
      const failover = failoverOf(results, mode);
      expect(failover).toMatchObject({ clients: 12, back: 12, lost: 0, reasons: {} });
      expect(failover.resumed).toBe(mode.includes('resumed') ? 12 : 0);
      // Nothing is told by the path: a standby that lets their packets through would leave the clients where they are,
      // and one that rejects them would tell by a reset.
      expect(failover.noticedBy).toEqual({ 'no-pingresp': 12 });
      expect(failover.changedOverAtMs - failover.failedAtMs).toBeGreaterThanOrEqual(790);
      // Nobody can be back before the routes lead over the other path.
      expect(failover.returned?.minMs).toBeGreaterThanOrEqual(790);
      expect(failover.noticed?.minMs).toBeGreaterThan(300);
    }
    // One round trip of 24 ms each for TCP, MQTT and the message; a TLS 1.3 handshake adds one more.
    expect(failoverOf(results, 'plain').reconnecting?.minMs).toBeGreaterThanOrEqual(71);
    expect(failoverOf(results, 'tls13-resumed').reconnecting?.minMs).toBeGreaterThanOrEqual(95);
    await expectNothingLeft();
  },
);

test.skipIf(!here)(
  'who is not back in the workload’s time is lost, with the reason',
  { timeout: 60_000 },
  async () => {
    // Nothing leads over the other path before the time is up.
    const results = await measured(['plain'], { clients: 5, timeoutMs: 2500, attemptTimeoutMs: 300 }, 5000);
    const failover = failoverOf(results, 'plain');
    expect(failover).toMatchObject({ clients: 5, back: 0, lost: 5, reasons: { timeout: 5 } });
    expect(failover.returned).toBeUndefined();
    expect(failover.attempts).toBeGreaterThanOrEqual(5);
    expect(results.cells[0]?.samples).toMatchObject({ attempted: 5, ok: 0, failed: 5 });
  },
);

test.skipIf(!here)(
  'a router that dies by accident ends the run, also where another one stands by',
  { timeout: 60_000 },
  async () => {
    const given = freshOptions({
      backend: 'tun',
      observer: {
        step: (text) => {
          if (!text.startsWith('failing over')) return;
          void childrenOf(process.pid).then((children) => {
            const holders = children.filter(({ command }) => command.includes('holder.child'));
            // The brokers' namespace was made first, then the active router.
            const active = holders[1];
            if (active !== undefined) process.kill(active.pid, 'SIGKILL');
          });
        },
        progress: () => {},
        warn: () => {},
      },
    });
    const results = await run(makePlan(scenario(['plain'], {}, 500)), given);
    expect(results.complete).toBe(false);
    expect(results.incompleteBecause).toMatch(
      /^The namespace redundant-firewalls router 1 process ended \(SIGKILL\)/,
    );
    await expectNothingLeft();
  },
);

test.skipIf(!here)(
  'kill -9 of the runner in the middle of a failover leaves no process, namespace, rule or file',
  { timeout: 120_000 },
  async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'scenario.yaml');
    writeFileSync(
      file,
      'name: t\nquestion: q?\nmodes: [plain, tls13]\nlinks: [lan]\ntopology: { name: redundant-firewalls, failoverMs: 4000 }\nworkload: { kind: failover, clients: 10, keepAliveSeconds: 1 }\n',
    );
    const watch = await lookout();
    try {
      const options = ['--backend', 'tun', '--allow-uncalibrated', '--out', join(folder, 'run')];
      const bench = startCli(['run', file, ...options], { cwd: folder, env: watch.env });
      await heard(bench, 'failing over');
      // Connecting and one keep-alive time are over, the change is not.
      await sleep(2500);
      expect(watch.look().namespaces).toBe(4);
      bench.kill('SIGKILL');
      expect((await bench).signal).toBe('SIGKILL');
      for (let looks = 0; looks < 50 && (await watch.leftovers()).length > 0; looks++) await sleep(100);
      expect(await watch.leftovers()).toEqual([]);
    } finally {
      await watch.end();
    }
  },
);
