import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readAction, ROOT } from './action.ts';

const action = readAction();

test('every input is used, every step has what composite actions ask for', () => {
  const text = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  for (const name of Object.keys(action.inputs)) expect(text).toMatch(new RegExp(`inputs\\.${name}\\b`));
  expect(action.runs.using).toBe('composite');
  for (const { run, shell, uses } of action.runs.steps)
    expect(uses === undefined ? [shell, typeof run] : [undefined, 'undefined']).toEqual(
      uses === undefined ? ['bash', 'string'] : [undefined, 'undefined'],
    );
  // An input in a script would be run as shell; in the environment it is text.
  for (const { run = '' } of action.runs.steps) expect(run).not.toContain('${{');
});

test('nothing between the gate and its verdict can keep the verdict away', () => {
  const names = action.runs.steps.map(({ name }) => name);
  expect(names.at(-1)).toBe('Verdict');
  for (const step of action.runs.steps.slice(names.indexOf('Gate') + 1, -1))
    expect({ [step.name]: step['continue-on-error'] }).toEqual({ [step.name]: true });
  // Of a job that is run again, the artifact is there already.
  expect(action.runs.steps.find(({ name }) => name === 'Upload')?.with).toMatchObject({ overwrite: true });
});

test('the scripts are clean', async () => {
  const found = await execa('shellcheck', ['--version'], { reject: false });
  if (found.exitCode !== 0 && process.env['CI'] !== 'true') {
    process.stderr.write('\nNOT TESTED: the shell scripts by shellcheck, which is not installed.\n\n');
    return;
  }
  const scripts = ['ci/gate.sh', 'ci/install.sh', '.ci/run'];
  const { exitCode, all } = await execa('shellcheck', scripts, { cwd: ROOT, reject: false, all: true });
  expect({ exitCode, all }).toEqual({ exitCode: 0, all: '' });
});
