import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { resultsSchema } from '../../src/results/schema.ts';
import { heard, startCli } from '../helpers/cli.ts';
import { alive, childrenOf } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { resultsIn, RUN_INTO_OUT, setting, TINY, workplace } from './tiny-run.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle: exit code 130, partial results saved and marked, no process left',
  async (signal) => {
    const folder = workplace();
    const TMPDIR = temporaryFolder();
    const args = [...RUN_INTO_OUT, '--json', ...setting('rounds=5000')];
    const run = startCli(args, { cwd: folder, env: { TMPDIR } });
    await heard(run, 'measuring');
    const children = await childrenOf(run.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(3);
    await setTimeout(1500);
    run.kill(signal);
    const { exitCode, stdout, stderr } = await run;
    expect(exitCode).toBe(130);
    const results = resultsIn(join(folder, 'out'));
    expect(resultsSchema.parse(JSON.parse(stdout))).toEqual(results);
    expect(results).toMatchObject({
      complete: false,
      incompleteBecause: expect.stringMatching(/interrupted/),
      incompleteBy: 'user',
    });
    const attempted = results.cells.map(({ samples }) => samples.attempted);
    expect(Math.min(...attempted)).toBeGreaterThan(5);
    expect(Math.max(...attempted)).toBeLessThan(5000);
    expect(stderr).toContain('What was measured until then is in out, marked as incomplete.');
    expect(existsSync(join(folder, 'out/report.html'))).toBe(true);
    expect(alive(children.map(({ pid }) => pid))).toEqual([]);
    expect(readdirSync(TMPDIR)).toEqual([]);
  },
);

test('Ctrl-C before anything was measured: exit code 130 without the rest of the preparations, and nothing left', async () => {
  const folder = workplace(TINY.replace('[null]', '[{ name: far, oneWayMs: 400 }]'));
  const TMPDIR = temporaryFolder();
  const run = startCli(RUN_INTO_OUT, { cwd: folder, env: { TMPDIR } });
  await heard(run, 'calibrating the link');
  const children = await childrenOf(run.pid ?? 0);
  run.kill('SIGINT');
  const { exitCode, stdout, stderr } = await run;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(stderr).toContain('Interrupted before anything was measured');
  expect(stderr).not.toContain('starting brokers');
  expect(existsSync(join(folder, 'out'))).toBe(false);
  expect(alive(children.map(({ pid }) => pid))).toEqual([]);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a second Ctrl-C ends the run at once', async () => {
  const folder = workplace();
  const TMPDIR = temporaryFolder();
  const run = startCli([...RUN_INTO_OUT, ...setting('rounds=5000')], { cwd: folder, env: { TMPDIR } });
  await heard(run, 'measuring');
  const children = await childrenOf(run.pid ?? 0);
  run.kill('SIGINT');
  await heard(run, 'once more ends at once');
  run.kill('SIGINT');
  const { exitCode, stdout } = await run;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(existsSync(join(folder, 'out/results.json'))).toBe(false);
  await expect.poll(() => alive(children.map(({ pid }) => pid)), { timeout: 5000 }).toEqual([]);
  await expect.poll(() => readdirSync(TMPDIR), { timeout: 5000 }).toEqual([]);
});

test('a broker that dies in the middle: exit code 1, the reason, and what was measured until then', async () => {
  const folder = workplace();
  const run = startCli([...RUN_INTO_OUT, ...setting('rounds=5000')], { cwd: folder });
  await heard(run, 'measuring');
  await setTimeout(1500);
  const broker = (await childrenOf(run.pid ?? 0)).find(({ command }) => command.includes('aedes.child'));
  process.kill(broker?.pid ?? Number.NaN, 'SIGKILL');
  const { exitCode, stderr } = await run;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('The run did not finish: The broker process ended (SIGKILL)');
  expect(resultsIn(join(folder, 'out')).complete).toBe(false);
});

test.runIf(await hasTools('mosquitto'))(
  'a broker that is not ours and dies in the middle: exit code 5, the reason, and what was measured until then',
  async () => {
    const folder = workplace();
    const run = startCli([...RUN_INTO_OUT, ...setting('rounds=5000', 'broker=mosquitto')], { cwd: folder });
    await heard(run, 'measuring');
    await setTimeout(1500);
    const keepers = (await childrenOf(run.pid ?? 0)).filter(({ command }) =>
      command.includes('program.child'),
    );
    const programs = (await Promise.all(keepers.map(({ pid }) => childrenOf(pid)))).flat();
    const broker = programs.find(({ command }) => command.includes('mosquitto'));
    process.kill(broker?.pid ?? Number.NaN, 'SIGKILL');
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(5);
    expect(stderr).toContain('The run did not finish: The mosquitto-1 program ended (SIGKILL)');
    expect(stderr).toContain('What was measured until then is in out, marked as incomplete.');
    const results = resultsIn(join(folder, 'out'));
    expect(results).toMatchObject({ complete: false, incompleteBy: 'environment' });
    expect(Math.min(...results.cells.map(({ samples }) => samples.attempted))).toBeGreaterThan(5);
  },
);
