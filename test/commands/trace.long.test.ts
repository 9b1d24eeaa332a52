import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { traceDocumentSchema } from '../../src/trace/document.ts';
import { cli, heard, startCli } from '../helpers/cli.ts';
import { lookout } from '../helpers/leftovers.ts';
import { until } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTun } from '../helpers/tun.ts';

const BACKENDS = (await hasTun()) ? (['tun', 'proxy'] as const) : (['proxy'] as const);

test('a file that was written lists as its connection did, and what is cut off of it is told in JSON too', async () => {
  const file = join(temporaryFolder(), 'it.pcapng');
  const run = await cli('trace', 'mtls12', '--link', 'lan', '--backend', BACKENDS[0], '--pcapng', file);
  expect(await cli('trace', '--read', file)).toEqual({ code: 0, stdout: run.stdout, stderr: '' });
  const { stdout } = await cli('trace', '--read', file, '--json');
  const whole = traceDocumentSchema.parse(JSON.parse(stdout));
  expect(whole.complete).toBe(true);
  truncateSync(file, statSync(file).size - 10);
  const cut = await cli('trace', '--read', file, '--json');
  const rest = traceDocumentSchema.parse(JSON.parse(cut.stdout));
  expect([cut.code, rest.complete]).toEqual([2, false]);
  expect(rest.packets).toEqual(whole.packets.slice(0, -1));
});

test('a file that is there is replaced when told so, and is then the owner’s alone', async () => {
  const file = join(temporaryFolder(), 'it.pcapng');
  writeFileSync(file, 'old', { mode: 0o644 });
  const args = ['--link', 'null', '--backend', 'proxy', '--pcapng', file];
  const { code } = await cli('trace', 'plain', ...args, '--overwrite');
  expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
  expect((await cli('trace', '--read', file)).code).toBe(0);
});

test('a connection that fails is listed, and the exit code says so', async () => {
  const profiles = join(temporaryFolder(), 'links.yaml');
  // Nothing of the broker's comes through.
  writeFileSync(
    profiles,
    'dead: { description: dead, oneWayMs: 5, loss: { up: 0, down: 0.999999 }, source: this test }\n',
  );
  const args = ['--profiles', profiles, '--link', 'dead', '--backend', BACKENDS[0]];
  const { code, stdout } = await cli('trace', 'plain', ...args);
  expect(code).toBe(6);
  expect(stdout).toMatch(/\[TCP Retransmission\] \[SYN\]/);
  expect(stdout).toMatch(/The connection failed: timeout \(Not done within \d+ ms\.\)$/);
});

test.each(BACKENDS)('over %s Ctrl-C leaves nothing behind', async (backend) => {
  const watch = await lookout();
  onTestFinished(() => watch.end());
  const file = join(temporaryFolder(), 'it.pcapng');
  const args = ['trace', 'tls12', '--link', 'geo-satellite', '--backend', backend, '--pcapng', file];
  const run = startCli(args, { env: watch.env });
  await heard(run, 'running the connection');
  expect(watch.look().processes).toBeGreaterThan(3);
  run.kill('SIGINT');
  const { exitCode, stdout } = await run;
  expect([exitCode, stdout]).toEqual([130, '']);
  await until('nothing is left', async () => (await watch.leftovers()).length === 0);
  expect(() => statSync(file)).toThrow('ENOENT');
});
