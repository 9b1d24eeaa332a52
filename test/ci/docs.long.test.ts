import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { TINY } from '../commands/tiny-run.ts';
import { readAction, ROOT, runAction } from './action.ts';
import { benchStep, readSnippets } from './docs.ts';

const snippets = readSnippets();

test("the workflow's own inputs, of a run that is there: the gate holds, and dashboards' files are there", async () => {
  const [workspace, temp] = [temporaryFolder(), join(temporaryFolder(), 'temp')];
  mkdirSync(temp);
  mkdirSync(join(workspace, 'results'));
  symlinkSync(join(ROOT, 'results/baseline'), join(workspace, 'results/baseline'));
  const given = benchStep(snippets).with ?? {};
  const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const { steps, outputs } = await runAction(
    readAction(),
    { ...inputs, scenario: 'results/baseline', comment: 'false' },
    { workspace, temp, github: { sha: '0123abc', token: 'secret' } },
    (step) => step.uses !== undefined || step.name === 'Comment',
  );
  expect(steps['Gate']?.output).not.toContain('::error::');
  expect(steps['Verdict']).toMatchObject({ code: 0 });
  const { results = '' } = outputs['gate'] ?? {};
  for (const step of snippets.steps) {
    const [, file = ''] = /outputs\.results \}\}\/([\w.-]+)/.exec(JSON.stringify(step)) ?? [];
    expect({ file, isThere: existsSync(join(results, file)) }).toEqual({ file, isThere: true });
  }
});

test("GitLab's script measures, judges, and leaves what its artifacts name", async () => {
  const folder = temporaryFolder();
  symlinkSync(ROOT, join(folder, 'bench'));
  writeFileSync(join(folder, 'my-fleet.yaml'), TINY);
  const [job] = Object.values(snippets.gitlab);
  const [install, ...script] = job?.script ?? [];
  // As the action's own ci/install.sh does it; what it installs is here already.
  expect(install).toBe('npm ci --omit=dev --prefix bench');
  expect(script).toHaveLength(1);
  for (const line of script) {
    // What is tried does not depend on how quiet the machine is.
    const { exitCode, all } = await execa('bash', ['-euc', `${line} --allow-uncalibrated`], {
      cwd: folder,
      reject: false,
      all: true,
    });
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
  }
  for (const path of [...(job?.artifacts.paths ?? []), job?.artifacts.reports.junit ?? 'none'])
    expect({ path, isThere: existsSync(join(folder, path)) }).toEqual({ path, isThere: true });
});
