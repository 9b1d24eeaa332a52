import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { heard, startCli } from '../helpers/cli.ts';
import { alive, childrenOf, until } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

function scenarioFile(folder: string, changes = ''): string {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(
    file,
    `name: t\nquestion: q?\nmodes: [plain, mtls13]\nlinks: [lan]\nrounds: 1000\nworkload: { kind: handshake${changes} }\n`,
  );
  return file;
}

test.each(['proxy', 'auto'])(
  'kill -9 of the runner (%s): no process, no namespace and no key is left',
  async (backend) => {
    const folder = temporaryFolder();
    const run = startCli(
      [
        'run',
        scenarioFile(folder),
        '--out',
        join(folder, 'run'),
        '--backend',
        backend,
        '--allow-uncalibrated',
      ],
      { cwd: folder },
    );
    await heard(run, 'measuring');
    const pid = run.pid ?? 0;
    const keys = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`mqtt-tls-bench-${pid}-`));
    const children = (await childrenOf(pid)).map((child) => child.pid);
    expect(children.length).toBeGreaterThan(4);
    expect(keys()).toHaveLength(1);

    run.kill('SIGKILL');
    await run;
    await until('every child has noticed', () => alive(children).length === 0);
    await until('the keys are gone', () => keys().length === 0);
  },
  60_000,
);

test('too few files may be open for the swarm: exit code 5 before anything is started', async () => {
  const folder = temporaryFolder();
  const { exitCode, stderr } = await execa(
    'prlimit',
    ['--nofile=200:200', process.execPath, CLI, 'run', scenarioFile(folder, ', connectionsPerSecond: 1900')],
    { cwd: folder, reject: false },
  );
  expect(stderr).toMatch(/needs about \d+ open files in one process, the limit is 200/);
  expect(stderr).toContain('ulimit -n');
  expect(exitCode).toBe(5);
  expect(readdirSync(folder)).toEqual(['scenario.yaml']);
}, 60_000);
