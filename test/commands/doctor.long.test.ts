import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '../../src/commands/checkup.ts';
import { startCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('an nginx without its stream module is not the hop that scenarios may ask for', async () => {
  const folder = temporaryFolder();
  const build = `#!/bin/sh\necho 'configure arguments: --prefix=${folder} --with-stream=dynamic' >&2\n`;
  await writeFile(join(folder, 'nginx'), build, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const { checks } = JSON.parse((await startCli(['doctor', '--json'], { env })).stdout) as {
    checks: Check[];
  };
  const topologies = checks.find(({ name }) => name === 'Topologies');
  expect(topologies?.status).toBe('note');
  expect(topologies?.detail).toContain('nginx has no stream module here');
  expect(topologies?.mend).toContain('libnginx-mod-stream');
});

test('what stands in the way: exit code 5, and what would mend it', async () => {
  const TMPDIR = join(temporaryFolder(), 'gone');
  const { exitCode, stdout } = await startCli(['doctor'], { env: { TMPDIR } });
  expect(exitCode).toBe(5);
  expect(stdout).toMatch(
    /^✗ Temporary folder ENOENT.*\n {4}Point TMPDIR at a folder that can be written\.$/m,
  );
  expect(stdout).toContain('cannot run the reference case yet');
  const json = await startCli(['doctor', '--json'], { env: { TMPDIR } });
  expect(json.exitCode).toBe(5);
  expect(JSON.parse(json.stdout)).toMatchObject({ ready: false });
});
