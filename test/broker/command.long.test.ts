import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerOptions, RunningBroker } from '../../src/broker/broker.ts';
import { command } from '../../src/broker/command.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { needsFolder, PKI_FILES } from '../../src/pki/folder.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { startSwarm } from '../helpers/swarm.ts';
import { setVariables } from '../helpers/external.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { isRunning, until } from '../helpers/processes.ts';
import { freePort, tcpServer } from '../helpers/tcp.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const newFolder = sharedFolders();
let pki: Pki;
beforeAll(async () => {
  pki = await makePki(newFolder());
});

const mosquittoIsHere = await hasTools('mosquitto');

/** Root alone can give a right up. Some containers need none: ip(7), `ip_unprivileged_port_start`. */
const FIRST_OPEN_PORT = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

/** Says on one line what it was given, then listens on the ports that follow `listen`. */
const ECHO = `
console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env.GIVEN, cwd: process.cwd() }));
for (const port of process.argv.slice(process.argv.indexOf('listen') + 1))
  require('node:net').createServer().listen(Number(port), process.env.HOST);
`;

function settings(changes: Record<string, unknown> = {}): Parameters<typeof brokerOf>[0] {
  return {
    name: 'command',
    label: 'mine',
    command: [process.execPath, '{folder}/echo.cjs', 'listen', '{port:plain}', '{port:tls13}'],
    files: { 'echo.cjs': ECHO },
    env: { HOST: '{host}' },
    ...changes,
  };
}

async function start(
  changes: Record<string, unknown> = {},
  options: Partial<BrokerOptions> = {},
): Promise<{ broker: RunningBroker; crashes: Error[] }> {
  const crashes: Error[] = [];
  const broker = await command.start({
    choice: brokerOf(settings(changes)),
    host: '127.0.0.1',
    modes: ['plain', 'tls13'],
    pkiFolder: pki.folder,
    prefix: [],
    onRecord: () => {},
    onRefusal: () => {},
    onCrash: (error) => crashes.push(error),
    ...options,
  });
  onTestFinished(() => broker.stop());
  return { broker, crashes };
}

/** What a program that does not get ready says, since that is told. */
async function saidBy(args: readonly string[], changes: Record<string, unknown> = {}): Promise<string> {
  const script = `${ECHO.split('\n').slice(0, 2).join('\n')}\nprocess.exit(3)`;
  const line = [process.execPath, '{folder}/echo.cjs', ...args, '{port:plain}'];
  const error: unknown = await start(
    { command: line, files: { 'echo.cjs': script }, ...changes },
    { modes: ['plain'] },
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ exitCode: 5 });
  return (error as Error).message;
}

describe('a broker by its command line', () => {
  it('is started, tells by which file, and ends with all that it started', async () => {
    const { broker, crashes } = await start();
    expect(broker.version).toMatch(/^node \(by command line, sha256 [0-9a-f]{12}\)$/);
    const ports = ['plain', 'tls13'].map((mode) => broker.listeners.get(mode)?.port);
    expect(new Set(ports).size).toBe(2);
    const [{ pid } = { pid: 0 }] = broker.processes;
    await broker.stop();
    expect(isRunning(pid)).toBe(false);
    expect(crashes).toEqual([]);
  });

  it('has the listener of a family for modes that differ at the client alone', async () => {
    const modes = ['tls13', 'tls13+mqtt=5'];
    const { broker } = await start({}, { modes });
    expect(broker.listeners.get('tls13+mqtt=5')).toEqual(broker.listeners.get('tls13'));
    const choice = brokerOf(settings());
    expect(command.cannot(modeNamed('tls13+mqtt=5'), choice)).toBeUndefined();
    expect(command.cannot(modeNamed('tls13+key=rsa-2048'), choice)).toBe(
      'its command line has no port for it (it has: plain, tls13); {port:tls13+key=rsa-2048} in the command or in its files makes one',
    );
  });

  it('is given what placeholders stand for', async () => {
    setVariables({ BENCH_TEST_VALUE: 'from-outside' });
    const text = await saidBy(
      ['{host}', '{noDelay}', '{cert}', '{key:tls13}', '{clientCa}', '{psk}', '{ca}', '{{port}}', '{"a": 1}'],
      { noDelay: false, env: { GIVEN: 'env:BENCH_TEST_VALUE' } },
    );
    const said = JSON.parse(text.slice(text.indexOf('\n') + 1)) as Record<string, unknown>;
    const file = (name: keyof typeof PKI_FILES): string =>
      join(needsFolder(pki.folder, DEFAULT_NEEDS), PKI_FILES[name]);
    expect(said).toEqual({
      args: [
        '127.0.0.1',
        'false',
        file('brokerCert'),
        file('brokerKey'),
        file('clientCa'),
        file('psk'),
        file('ca'),
        '{port}',
        '{"a": 1}',
        expect.stringMatching(/^\d+$/),
      ],
      env: '***',
      cwd: expect.stringMatching(new RegExp(`^${pki.folder}/command-`)),
    });
  });

  it('whose output quotes a password is told without it', async () => {
    setVariables({ BENCH_USER: 'the-user', BENCH_PASSWORD: 'hush-hush' });
    const text = await saidBy([], {
      username: 'env:BENCH_USER',
      password: 'env:BENCH_PASSWORD',
      env: { GIVEN: '{username}:{password}' },
    });
    expect(text).toContain('"env":"***:***"');
  });

  it('that dies later is a crash, told with its end', async () => {
    const dying = `${ECHO}\nsetTimeout(() => { console.error('out of ideas'); process.exit(7); }, 300);`;
    const { crashes } = await start({ files: { 'echo.cjs': dying } });
    await until('the crash is told', () => crashes.length > 0);
    expect(crashes[0]?.message).toMatch(/^The mine program ended \(exit code 7\):\n[^]*out of ideas$/);
  });
});

describe('what cannot be started is an environment error', () => {
  it.each([
    ['no-such-broker', 'no-such-broker'],
    ['/no/such/broker', '/no/such/broker'],
  ])('%s is not there', async (program, named) => {
    const choice = brokerOf(settings({ command: [program, '{port:plain}'] }));
    await expect(command.check(choice)).rejects.toMatchObject({
      exitCode: 5,
      message: `The broker's program ${named} is not there, or may not be executed`,
    });
  });

  it('a program that ends at once: with what it said last', async () => {
    const script = 'console.error("cannot read my configuration"); process.exit(2)';
    await expect(start({ files: { 'echo.cjs': script } })).rejects.toMatchObject({
      exitCode: 5,
      message: 'The mine program ended before it was ready (exit code 2):\ncannot read my configuration',
    });
  });

  it('a program that never gets ready: with what it said last, and nothing is left of it', async () => {
    const script = 'console.log("thinking", process.pid); setInterval(() => {}, 1000)';
    const error: unknown = await start({
      files: { 'echo.cjs': script },
      ready: { withinMs: 1500 },
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 5 });
    const [, pid] =
      /did not accept a connection on port \d+: not within 1\.5 s:\nthinking (\d+)$/.exec(String(error)) ??
      [];
    expect(pid).toBeDefined();
    expect(isRunning(Number(pid))).toBe(false);
  });

  it('a port that is in use: whoever listens there is not taken for it', async () => {
    const port = await tcpServer();
    await expect(start({ ports: { plain: port } })).rejects.toMatchObject({
      exitCode: 5,
      message: `127.0.0.1:${port} cannot be listened on: the port is in use`,
      mend: expect.stringContaining('the bench then chooses a free one'),
    });
  });

  it.runIf(process.getuid?.() === 0 && FIRST_OPEN_PORT > 883)('a port without the right to it', async () => {
    const prefix = ['setpriv', '--bounding-set', '-net_bind_service', '--inh-caps', '-net_bind_service'];
    await expect(start({ ports: { plain: 883 } }, { prefix })).rejects.toMatchObject({
      exitCode: 5,
      message: '127.0.0.1:883 cannot be listened on: it needs rights that this user does not have',
    });
  });

  it('fixed ports are taken as they are', async () => {
    const port = await freePort();
    const { broker } = await start({
      command: [process.execPath, '{folder}/echo.cjs', 'listen', String(port), String(port + 1)],
      ports: { plain: port, tls13: port + 1 },
    });
    expect([...broker.listeners.values()]).toEqual([
      { host: '127.0.0.1', port },
      { host: '127.0.0.1', port: port + 1 },
    ]);
  });
});

describe('placeholders that stand for nothing are a usage error', () => {
  it.each([
    ['{password}', {}, 'the broker has no `password: env:NAME`'],
    ['{crl}', {}, 'no mode here has a revocation list (`crlEntries`)'],
    ['{cert:tls13+key=rsa-2048}', {}, 'the run has no mode with such certificates'],
  ])('%s', async (text, changes, why) => {
    const files = { 'echo.cjs': ECHO, 'more.conf': text };
    await expect(start({ files, ...changes })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`of the broker's command line stands for nothing here: ${why}`),
    });
  });

  it('certificates that differ from mode to mode', async () => {
    const modes = ['tls13', 'tls13+key=rsa-2048'];
    const line = [process.execPath, '{folder}/echo.cjs', '{cert}', ...modes.map((mode) => `{port:${mode}}`)];
    await expect(start({ command: line }, { modes })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('so each needs its own: {cert:tls13+key=rsa-2048}'),
    });
  });
});

describe.runIf(mosquittoIsHere)('a real broker by its command line', () => {
  const CONFIG = `
per_listener_settings true
set_tcp_nodelay {noDelay}
user ${process.getuid?.() === 0 ? 'root' : 'mosquitto'}
listener {port:plain} {host}
allow_anonymous true
listener {port:mtls13} {host}
allow_anonymous true
certfile {cert}
keyfile {key}
cafile {clientCa}
require_certificate true
tls_version tlsv1.3
`;

  it('lets the clients of its modes in', async () => {
    const modes = ['plain', 'mtls13'];
    const { broker } = await start(
      { command: ['mosquitto', '-c', '{folder}/my.conf'], files: { 'my.conf': CONFIG }, env: {} },
      { modes },
    );
    expect(broker.version).toMatch(/^mosquitto \(by command line, sha256 /);
    const targets = modes.map((mode, cell) => {
      const { host, port } = broker.listeners.get(mode) ?? { host: '', port: 0 };
      return { cell, mode, host, port, modelledConnectMs: 0 };
    });
    const { attempts } = await (
      await startSwarm(pki.folder, targets)
    ).handshake(
      targets.map(({ cell }) => ({ id: cell, cell, atMs: 0 })),
      { qos: 1 },
    );
    expect(attempts.map(({ failure }) => failure)).toEqual([undefined, undefined]);
    expect(attempts[1]?.negotiated).toMatchObject({ protocol: 'TLSv1.3' });
  });

  it('is named by a path that counts from the scenario', async () => {
    const folder = temporaryFolder();
    copyFileSync('/usr/bin/env', join(folder, 'build'));
    const choice = brokerOf(settings({ command: ['./build', '{port:plain}'] }), (path) => join(folder, path));
    expect(choice.options['command']).toEqual([join(folder, 'build'), '{port:plain}']);
    await command.check(choice);
    expect(readdirSync(folder)).toEqual(['build']);
  });
});
