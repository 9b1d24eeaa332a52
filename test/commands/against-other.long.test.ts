import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aedes } from '../../src/broker/aedes.ts';
import { comparisonSchema, type Comparison } from '../../src/compare/comparison.ts';
import type { Results } from '../../src/results/schema.ts';
import { cliIn } from '../helpers/cli.ts';
import { holdings, urlsOf } from '../helpers/external.ts';
import { startBroker } from '../helpers/foreign-broker.ts';
import { installedRuntimes } from '../helpers/runtimes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { resultsIn } from './tiny-run.ts';

const MODES = ['plain', 'tls13'];

/** A folder with a scenario of a few seconds. */
function workplace(broker: unknown): string {
  const folder = temporaryFolder();
  const scenario = {
    name: 'two',
    question: 'Which of the two?',
    modes: MODES,
    links: [{ name: 'near', oneWayMs: 5 }],
    broker,
    workload: { kind: 'handshake', connectionsPerSecond: 20 },
    rounds: 12,
    warmupRounds: 1,
  };
  writeFileSync(join(folder, 'it.yaml'), JSON.stringify(scenario, null, 1));
  return folder;
}

/** Both sides of a paired run, and what became of them. How fast they are is not what is tried here. */
async function against(
  folder: string,
  broker: unknown,
  ...more: string[]
): Promise<{ code: number | undefined; stderr: string; comparison: Comparison; sides: Results[] }> {
  const args = ['run', 'it.yaml', '--against-set', `broker=${JSON.stringify(broker)}`, '--out', 'out'];
  const options = ['--json', '--no-confirm', '--min-effect-ms', '1000', '--allow-uncalibrated', ...more];
  const { code, stdout, stderr } = await cliIn(folder, ...args, ...options);
  if (stdout === '') throw new Error(stderr);
  return {
    code,
    stderr,
    comparison: comparisonSchema.parse(JSON.parse(stdout)),
    sides: ['baseline', 'candidate'].map((side) => resultsIn(join(folder, 'out', side))),
  };
}

function account({ cells }: Results): Record<string, unknown>[] {
  return cells.map(({ mode, samples: { ok, attempted } }) => ({ mode, ok, attempted }));
}

const ALL_GOOD = MODES.map((mode) => ({ mode, ok: 12, attempted: 12 }));

const installed = await installedRuntimes();

test.runIf(installed.has('node-22'))(
  'two TLS stacks: the same broker on another Node, a process of its own each',
  async () => {
    const before = { name: 'aedes', runtime: 'node-22' };
    const { code, stderr, comparison, sides } = await against(workplace('aedes'), before);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(sides.map(account)).toEqual([ALL_GOOD, ALL_GOOD]);
    const [baseline, candidate] = sides.map(({ environment }) => environment['broker']);
    expect(baseline).toMatch(/^aedes .* on .*22\./);
    expect(candidate).not.toMatch(/22\./);
    expect(comparison.cells.map(({ id, baselineId }) => [id, baselineId])).toEqual(
      MODES.map((mode) => [
        `${mode}/near/aedes/direct/handshake`,
        `${mode}/near/aedes-node-22/direct/handshake`,
      ]),
    );
    expect(comparison.environment.map(({ what }) => what)).toContain('broker');
    // Partners are of one mode: what was negotiated is judged.
    expect(comparison.cells[1]?.effects.find(({ kind }) => kind === 'negotiated')?.judged).toBe(true);
  },
);

test('two URLs: brokers that run already', async () => {
  const [before, after] = [
    await startBroker(aedes, MODES, temporaryFolder()),
    await startBroker(aedes, MODES, temporaryFolder()),
  ];
  const settings = ({ running, folder }: typeof before): Record<string, unknown> => {
    const { ca, serverName } = holdings(folder);
    return { name: 'external', urls: urlsOf(running, MODES), ca, serverName };
  };
  const folder = workplace(settings(after));
  const found = await against(folder, settings(before), '--target-is-mine');
  expect({ code: found.code, stderr: found.stderr }).toMatchObject({ code: 0 });
  expect(found.sides.map(account)).toEqual([ALL_GOOD, ALL_GOOD]);
  expect(found.comparison).toMatchObject({ counts: { regressed: 0 }, missing: { inCandidate: [] } });
});

test('a mode that the candidate alone does not serve is missing in it: exit code 3', async () => {
  const [before, after] = [
    await startBroker(aedes, MODES, temporaryFolder()),
    await startBroker(aedes, MODES, temporaryFolder()),
  ];
  const settings = ({ running, folder }: typeof before, ca = folder): Record<string, unknown> => ({
    name: 'external',
    urls: urlsOf(running, MODES),
    ca: holdings(ca).ca,
    serverName: holdings(ca).serverName,
  });
  // Its certificate is of another authority than the clients are told.
  const folder = workplace(settings(after, before.folder));
  const { code, comparison, sides } = await against(folder, settings(before), '--target-is-mine');
  expect(code).toBe(3);
  expect(comparison.verdict).toBe('regressed');
  expect(comparison.missing.inCandidate).toEqual(['tls13/near/external/direct/handshake']);
  expect(comparison.notes).toContainEqual(
    expect.stringMatching(/^tls13 was left out: its partner in the candidate, tls13 on external, cannot/),
  );
  expect(sides.map(({ cells }) => cells.length)).toEqual([1, 1]);
});
