import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliIn, startCli } from '../helpers/cli.ts';
import { freePort, tcpServer } from '../helpers/tcp.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A folder with a scenario of a broker that runs already. */
function workplace(broker: string, links = '[null]'): string {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'it.yaml'),
    `name: it
question: Is it told?
modes: [plain, tls13]
links: ${links}
broker: ${broker}
workload: { kind: handshake, connectionsPerSecond: 10 }
rounds: 5
warmupRounds: 1
`,
  );
  return folder;
}

test.each([
  ['run', ['run', 'it.yaml', '--out', 'out']],
  ['run --against-set', ['run', 'it.yaml', '--against-set', 'broker.serverName=x', '--out', 'out']],
  ['gate', ['gate', 'it.yaml', '--out', 'out']],
  ['calibrate --aa', ['calibrate', '--aa', 'it.yaml', '--rounds', '5', '--out', 'out']],
])('%s sends nothing to a broker of which nobody said that it may', async (_, args) => {
  let connections = 0;
  const port = await tcpServer(() => connections++);
  const folder = workplace(`{ name: external, urls: { plain: 'mqtt://127.0.0.1:${port}' } }`);
  const { code, stdout, stderr } = await cliIn(folder, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(
    'The broker external is not one that the bench starts, and would be sent 6 connections at 10 a second in all, after a few to try each mode\n' +
      'Give --target-is-mine when it is yours, or who runs it has agreed to that.',
  );
  expect(connections).toBe(0);
  expect(readdirSync(folder)).toEqual(['it.yaml']);
});

test('--target-is-mine is for what is still to be run', async () => {
  const folder = workplace('aedes');
  const gate = await cliIn(folder, 'gate', 'results', '--target-is-mine');
  expect(gate).toMatchObject({ code: 2, stderr: expect.stringContaining('--target-is-mine') });
  const calibrate = await cliIn(folder, 'calibrate', '--target-is-mine');
  expect(calibrate).toMatchObject({ code: 2, stderr: expect.stringContaining('--target-is-mine') });
});

test.each(['tun', 'netem'])('%s cannot reach it, and the backends that can are named', async (backend) => {
  const folder = workplace("{ name: external, urls: { plain: 'mqtt://127.0.0.1:1' } }", '[reference]');
  const { code, stderr } = await cliIn(folder, 'run', 'it.yaml', '--backend', backend, '--dry-run');
  expect(code).toBe(5);
  expect(stderr).toContain(
    `error: The '${backend}' backend cannot reach a broker that runs elsewhere: its links are in network namespaces of the run's own\n` +
      'Choose a backend that can: --backend proxy.',
  );
});

test('the backend is chosen by it, and modes without a URL are left out by name', async () => {
  const folder = workplace("{ name: external, urls: { plain: 'mqtt://127.0.0.1:1' } }", '[reference]');
  const { code, stdout } = await cliIn(folder, 'run', 'it.yaml', '--dry-run', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    backend: 'proxy',
    cells: ['plain/reference/external/direct/handshake'],
    leftOut: ['tls13 on external: the scenario has no URL for it (it has: plain)'],
  });
});

test('a broker that does not answer is an environment error, and nothing is left', async () => {
  const port = await freePort();
  const folder = workplace(`{ name: external, urls: { plain: 'mqtt://127.0.0.1:${port}' } }`);
  const args = ['run', 'it.yaml', '--target-is-mine', '--allow-uncalibrated', '--out', 'out'];
  const { code, stderr } = await cliIn(folder, ...args);
  expect(code).toBe(5);
  expect(stderr).toContain(`The external broker does not accept connections at mqtt://127.0.0.1:${port}: `);
  expect(readdirSync(folder)).toEqual(['it.yaml']);
});

test.each([
  ['external', "{ name: external, urls: { plain: 'mqtt://127.0.0.1:1' }, password: env:MTB_HUSH }"],
  ['command', "{ name: command, command: [sh, '{port:plain}'], password: env:MTB_HUSH }"],
])('%s: a variable that is not set', async (_, broker) => {
  const folder = workplace(broker);
  const { code, stderr } = await cliIn(folder, 'run', 'it.yaml', '--target-is-mine', '--out', 'out');
  expect(code).toBe(5);
  expect(stderr).toContain(
    'error: The environment variable MTB_HUSH, which `broker.password` names, is not set\nSet it where the bench is started: export MTB_HUSH=…',
  );
});

test('command: a program that ends at once is told with what it said, without what is secret', async () => {
  const folder = workplace(
    `{ name: command, label: mine, command: [sh, -c, 'echo no such user as $NAME >&2; exit 9', '{port:plain}'], username: env:MTB_HUSH, env: { NAME: '{username}' } }`,
  );
  const args = ['run', 'it.yaml', '--allow-uncalibrated', '--backend', 'none', '--out', 'out'];
  const { exitCode, stderr } = await startCli(args, { cwd: folder, env: { MTB_HUSH: 'hush-hush' } });
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(
    /The mine program ended before it was ready \(exit code 9\):\nno such user as \*\*\*/,
  );
  expect(readdirSync(folder)).toEqual(['it.yaml']);
});
