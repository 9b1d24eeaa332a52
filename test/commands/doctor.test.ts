import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '../../src/commands/checkup.ts';
import { BACKENDS } from '../../src/link/backends.ts';
import { cli, startCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Report {
  ready: boolean;
  checks: Check[];
}

test('this machine can run the reference case', async () => {
  const { code, stdout, stderr } = await cli('doctor', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { ready, checks } = JSON.parse(stdout) as Report;
  expect(ready).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual([
    'Node',
    'OpenSSL',
    'Machine',
    'Clock',
    'Loopback',
    'Temporary folder',
    ...BACKENDS.map(({ name }) => `Backend ${name}`),
    'Other runtimes',
    'Brokers',
    'Topologies',
    'Open files',
    'Reference case',
  ]);
  const details = new Map(checks.map(({ name, detail }) => [name, detail]));
  expect(details.get('Node')).toContain(process.versions.node);
  expect(details.get('Node')).toContain('pinned by the lockfile');
  expect(details.get('Clock')).toMatch(/steps of \d+\.\d\d µs/);
  for (const program of ['haproxy', 'nginx', 'stunnel4', 'wireguard-go', 'openvpn', 'nft'])
    expect(details.get('Topologies')).toContain(program);
  expect(details.get('Reference case')).toMatch(/^14 cells over the \w+ backend$/);
});

test('an nginx without its stream module is not the hop that scenarios may ask for', async () => {
  const folder = temporaryFolder();
  const build = `#!/bin/sh\necho 'configure arguments: --prefix=${folder} --with-stream=dynamic' >&2\n`;
  await writeFile(join(folder, 'nginx'), build, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const { checks } = JSON.parse((await startCli(['doctor', '--json'], { env })).stdout) as Report;
  const topologies = checks.find(({ name }) => name === 'Topologies');
  expect(topologies?.status).toBe('note');
  expect(topologies?.detail).toContain('nginx has no stream module here');
  expect(topologies?.mend).toContain('libnginx-mod-stream');
});

test('for people: a line for each check, and a verdict', async () => {
  const { code, stdout } = await cli('doctor');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ Node {13}\d+\.\d+\.\d+, pinned by the lockfile$/m);
  expect(stdout).toMatch(/\nThis machine can run the reference case: /);
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
