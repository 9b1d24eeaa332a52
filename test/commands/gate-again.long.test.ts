import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { gateSchema, type Gate } from '../../src/gate/gate.ts';
import { cliIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { resultsIn } from './tiny-run.ts';

const MOODY_BROKER = fileURLToPath(new URL('./moody-broker.ts', import.meta.url));

/** A folder with a scenario of a broker of the user's own, in some mood. */
function workplace(mood: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'starts'));
  const command = [process.execPath, MOODY_BROKER, '{host}', '{port:plain}', join(folder, 'starts'), mood];
  const scenario = {
    name: 'own',
    question: 'Does it hold?',
    modes: ['plain'],
    links: ['null'],
    broker: { name: 'command', label: 'mine', command },
    workload: { kind: 'handshake', action: 'subscribe', connectionsPerSecond: 25 },
    rounds: 20,
    warmupRounds: 1,
  };
  writeFileSync(join(folder, 'it.yaml'), JSON.stringify(scenario, null, 1));
  return folder;
}

async function gateIn(
  folder: string,
  ...args: string[]
): Promise<{ code: number | undefined; gate: Gate; stderr: string }> {
  const options = ['--out', 'out', '--backend', 'proxy', '--allow-uncalibrated', '--json', ...args];
  const { code, stdout, stderr } = await cliIn(folder, 'gate', 'it.yaml', ...options);
  return { code, stderr, gate: gateSchema.parse(JSON.parse(stdout)) };
}

function budgetOf({ checks }: Pick<Gate, 'checks'>): Gate['checks'][number] | undefined {
  return checks.find(({ expectation }) => expectation === 'failureBudget');
}

// A busy machine takes long over two measurements.
describe('what chance may break is measured again', { timeout: 240_000 }, () => {
  test('that it does not fail again is told in every output; exit code 0', async () => {
    const folder = workplace('refuses-once');
    const { code, gate } = await gateIn(folder, '--write', 'markdown=c.md', '--write', 'junit=c.xml');
    expect(code).toBe(0);
    expect(gate.passed).toBe(true);
    expect(budgetOf(gate)).toMatchObject({
      passed: true,
      found: expect.stringMatching(/^10 failed .* but in a second measurement 0 failed /),
    });
    expect(gate.confirmation?.notConfirmed).toHaveLength(1);
    expect(budgetOf(gate.confirmation?.first ?? gate)?.passed).toBe(false);
    expect(budgetOf(gate.confirmation?.second ?? gate)?.passed).toBe(true);
    for (const file of ['c.md', 'c.xml'])
      expect(readFileSync(join(folder, file), 'utf8')).toContain('Does not fail, since it failed once only');
    expect(resultsIn(join(folder, 'out/confirmation')).seed).not.toBe(resultsIn(join(folder, 'out')).seed);
  });

  test('what fails again fails; exit code 6', async () => {
    const { code, gate } = await gateIn(workplace('refuses'));
    expect(code).toBe(6);
    expect(gate.confirmation?.confirmed).toHaveLength(1);
    expect(budgetOf(gate)).toMatchObject({
      passed: false,
      found: expect.stringMatching(/^10 failed .* and in a second measurement 10 failed /),
    });
    expect(gate.notes.join()).not.toContain('failed once only');
  });

  test('--no-confirm: the first measurement stands', async () => {
    const folder = workplace('refuses-once');
    const { code, gate } = await gateIn(folder, '--no-confirm');
    expect(code).toBe(6);
    expect(gate.confirmation).toBeUndefined();
    expect(existsSync(join(folder, 'out/confirmation'))).toBe(false);
  });

  test('and of two variants the candidate alone', async () => {
    const folder = workplace('well');
    const impossible = 'expect={ limits: [{ milestone: connackReceived, percentile: 50, maxMs: 0.001 }] }';
    const against = ['--against-set', 'broker.noDelay=false', '--min-effect-ms', '1000', '--only', 'timing'];
    const set = ['broker={ name: aedes }', impossible].flatMap((change) => ['--set', change]);
    const { code, gate } = await gateIn(folder, ...against, ...set);
    expect(code).toBe(3);
    expect(gate.confirmation?.confirmed).toHaveLength(1);
    expect(resultsIn(join(folder, 'out/confirmation-of-expectations')).cells).toHaveLength(1);
  });
});

describe("a user's own broker that crashes while it is measured", { timeout: 240_000 }, () => {
  test('fails what it gates: exit code 3, the reason, and every output', async () => {
    const folder = workplace('dies');
    const { code, gate, stderr } = await gateIn(folder, '--write', 'markdown=c.md', '--write', 'junit=c.xml');
    expect(code).toBe(3);
    expect(stderr).toContain('The run did not finish: The mine program ended (exit code 7):\nout of ideas');
    expect(gate.checks[0]).toMatchObject({
      expectation: 'complete',
      passed: false,
      found: expect.stringMatching(/^The mine program ended \(exit code 7\):\nout of ideas/),
    });
    expect(gate.confirmation).toBeUndefined();
    for (const file of ['c.md', 'c.xml'])
      expect(readFileSync(join(folder, file), 'utf8')).toContain('The mine program ended');
    expect(resultsIn(join(folder, 'out')).complete).toBe(false);
  });

  test('the same beside a baseline that does not', async () => {
    const folder = workplace('dies');
    const { code, gate } = await gateIn(folder, '--against-set', 'broker.command.5=well');
    expect(code).toBe(3);
    expect(gate.checks[0]).toMatchObject({ expectation: 'complete', passed: false });
    expect(gate.comparison?.notes.join()).toContain('did not finish');
  });
});
