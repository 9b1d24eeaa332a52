import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeRun } from '../../src/results/folder.ts';
import type { Results } from '../../src/results/schema.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { readAction, runAction, type Outcome } from './action.ts';

const SCENARIO = `name: near
question: Does it hold?
modes: [tls13]
links: [{ name: near, oneWayMs: 10 }, null]
workload: { kind: handshake, connectionsPerSecond: 40, timeoutMs: 3000 }
rounds: 20
warmupRounds: 2
expect:
  bytes: { tls13: { handshakeUp: 400, handshakeDown: 1500 } }
  negotiated: { tls13: { protocol: TLSv1.3 } }
`;
const QUICK = "--backend proxy --allow-uncalibrated --set 'question=Does it hold in CI?'";
const ONLY = '--only trips,bytes,negotiated,losses';

const action = readAction();
const folderOf = sharedFolders();
let workspace: string;

beforeAll(() => {
  workspace = folderOf();
  writeFileSync(join(workspace, 'near.yaml'), SCENARIO);
});

function act(inputs: Record<string, string>): Promise<Outcome> {
  const temp = join(folderOf(), 'runner temp');
  mkdirSync(temp);
  const github = { sha: '0123abc', token: 'secret' };
  return runAction(
    action,
    { comment: 'false', ...inputs },
    { workspace, temp, github },
    (step) => step.uses !== undefined || step.name === 'Comment',
  );
}

describe('the run steps of the action, in bash', () => {
  let first: Outcome;

  beforeAll(async () => {
    first = await act({ scenario: 'near.yaml', args: QUICK, history: 'h.ndjson' });
  });

  test('a scenario is run and judged; what later steps need is told', () => {
    expect(first.steps['Gate']).toMatchObject({ code: 0 });
    expect(first.steps['Verdict']).toMatchObject({ code: 0 });
    const { results = '', run = '', markdown = '', 'exit-code': code } = first.outputs['gate'] ?? {};
    expect(code).toBe('0');
    expect(markdown).toBe(join(results, 'comment.md'));
    for (const file of ['junit.xml', 'action-benchmark.json', 'bencher.json', 'run/report.html'])
      expect(existsSync(join(results, file))).toBe(true);
    expect(run).toBe(join(results, 'run'));
    expect(first.summary).toMatch(/^<!-- mqtt-tls-bench near -->\n/);
    // Quotes of `args` hold words together.
    expect(first.summary).toContain('Does it hold in CI?');
  });

  test('the run is added to the history, with the commit', () => {
    const lines = readFileSync(join(workspace, 'h.ndjson'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ label: '0123abc', scenario: 'near' });
  });

  test('a run folder is judged against a baseline, with the history', async () => {
    const { run = '' } = first.outputs['gate'] ?? {};
    const { steps, summary } = await act({
      scenario: run,
      baseline: run,
      history: 'h.ndjson',
      args: ONLY,
    });
    expect(steps['Verdict']?.code).toBe(0);
    expect(steps['Gate']?.output).toContain('was in h.ndjson already');
    expect(summary).toContain('Only trips, bytes, negotiated, losses are judged');
    expect(summary).toMatch(/h\.ndjson has [01] runs like these/);
  });

  test('a gate that fails: the last step fails with its exit code, and all is written before', async () => {
    const args = `${QUICK} --set expect.bytes.tls13.handshakeDown=1000`;
    const { steps, outputs, summary } = await act({ scenario: 'near.yaml', args });
    expect(steps['Gate']?.code).toBe(0);
    expect(steps['Verdict']?.code).toBe(3);
    expect(readFileSync(join(outputs['gate']?.['results'] ?? '', 'junit.xml'), 'utf8')).toContain('<failure');
    expect(summary).toContain('The gate fails');
  });

  test('two variants that are measured together: the candidate is the run, and is added', async () => {
    const args = `${QUICK} --against-set 'broker={ name: aedes, noDelay: false }' --no-confirm`;
    const { steps, outputs } = await act({ scenario: 'near.yaml', args, history: 'paired.ndjson' });
    expect(steps['Gate']?.code).toBe(0);
    const { results = '', run } = outputs['gate'] ?? {};
    expect(run).toBe(join(results, 'run/candidate'));
    expect(readFileSync(join(workspace, 'paired.ndjson'), 'utf8').split('\n')).toHaveLength(2);
  });

  test('a run that was cut short fails the gate and stays out of the history, and the later steps go on', async () => {
    const { run = '' } = first.outputs['gate'] ?? {};
    const cut = join(workspace, 'cut');
    mkdirSync(cut);
    const whole = JSON.parse(readFileSync(join(run, 'results.json'), 'utf8')) as Results;
    await writeRun(cut, {
      results: { ...whole, complete: false, incompleteBecause: 'The run was interrupted.' },
      samples: [],
      scenarioYaml: '',
    });
    rmSync(join(cut, 'rounds.ndjson'));
    const { steps } = await act({ scenario: cut, history: 'cut.ndjson' });
    expect(steps['Gate']).toMatchObject({ code: 0 });
    expect(steps['Gate']?.output).toContain('::warning::The run was not added to cut.ndjson');
    expect(steps['Verdict']?.code).toBe(3);
    expect(existsSync(join(workspace, 'cut.ndjson'))).toBe(false);
  });

  test('a quote of `args` that is not closed is said so, and nothing is run', async () => {
    const { steps } = await act({ scenario: 'near.yaml', args: `--only 'trips` });
    expect(steps['Gate']?.code).toBe(2);
    expect(steps['Gate']?.output).toMatch(/::error::args: --only 'trips: .* is a quote not closed\?/);
  });

  test.each(['--out elsewhere', '--out=elsewhere'])(
    '%s in `args` is refused: later steps would not find the run',
    async (out) => {
      const { steps, outputs } = await act({ scenario: 'near.yaml', args: `${ONLY} ${out}` });
      expect(steps['Gate']?.code).toBe(2);
      expect(steps['Gate']?.output).toContain('::error::args: --out is not for args');
      expect(outputs['gate']).toEqual({});
      expect(existsSync(join(workspace, 'elsewhere'))).toBe(false);
    },
  );

  test('`args` of nothing but space are none', async () => {
    const { run = '' } = first.outputs['gate'] ?? {};
    const { steps, outputs } = await act({ scenario: run, args: '  \n ' });
    expect(steps['Gate']?.code).toBe(0);
    expect(outputs['gate']).toMatchObject({ 'exit-code': '0' });
  });

  test('what cannot be judged: its exit code, an annotation, no summary, and nothing is run that args hold', async () => {
    const args = `--set 'rounds=$(touch ran)' --nonsense \`touch ran\``;
    const { steps, outputs, summary } = await act({ scenario: 'near.yaml', args });
    expect(steps['Gate']?.output).toContain('::error::mqtt-tls-bench gate ended with exit code 2');
    expect(outputs['gate']).not.toHaveProperty('markdown');
    expect(steps['Verdict']?.code).toBe(2);
    expect(summary).toBe('');
    expect(existsSync(join(workspace, 'ran'))).toBe(false);
  });
});
