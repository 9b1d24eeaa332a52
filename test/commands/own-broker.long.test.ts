import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BROKER_NAME } from '../../src/pki/material.ts';
import { locateTool } from '../../src/process/tools.ts';
import { resultsSchema, type Results } from '../../src/results/schema.ts';
import { heard, startCli } from '../helpers/cli.ts';
import { holdings } from '../helpers/external.ts';
import { makeRepository } from '../helpers/git.ts';
import { lookout } from '../helpers/leftovers.ts';
import { makePki } from '../helpers/pki.ts';
import { until } from '../helpers/processes.ts';
import { freePort } from '../helpers/tcp.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const USER = 'user-of-the-test';
const PASSWORD = 'hush-hush-4711';
const ENV = { BENCH_USER: USER, BENCH_PASSWORD: PASSWORD };
const CREDENTIALS = { username: 'env:BENCH_USER', password: 'env:BENCH_PASSWORD' };

/** A file by which mosquitto lets nobody in but {@link USER}. */
async function passwordFile(folder: string): Promise<string> {
  const file = join(folder, 'passwords');
  await execa('mosquitto_passwd', ['-b', '-c', file, USER, PASSWORD]);
  return file;
}

function config(passwords: string, place: Record<'plain' | 'tls13' | 'cert' | 'key', string>): string {
  // As root it would become a user who may not read what only the run's own may.
  const user = process.getuid?.() === 0 ? 'root' : 'mosquitto';
  return `per_listener_settings true
set_tcp_nodelay true
user ${user}
listener ${place.plain}
allow_anonymous false
password_file ${passwords}
listener ${place.tls13}
allow_anonymous false
password_file ${passwords}
certfile ${place.cert}
keyfile ${place.key}
tls_version tlsv1.3
`;
}

const BY_COMMAND = {
  plain: '{port:plain} {host}',
  tls13: '{port:tls13} {host}',
  cert: '{cert}',
  key: '{key}',
};

/** A scenario of a broker, in a folder of its own; YAML takes JSON. */
function workplace(broker: Record<string, unknown>, changes: Record<string, unknown> = {}): string {
  const folder = temporaryFolder();
  const scenario = {
    name: 'own',
    question: 'Is it measured?',
    modes: ['plain', 'tls13'],
    links: [{ name: 'near', oneWayMs: 5 }],
    broker,
    workload: { kind: 'handshake', connectionsPerSecond: 25 },
    rounds: 8,
    warmupRounds: 1,
    ...changes,
  };
  writeFileSync(join(folder, 'it.yaml'), JSON.stringify(scenario, null, 1));
  return folder;
}

async function runIn(folder: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await startCli(
    ['run', 'it.yaml', '--out', 'out', '--allow-uncalibrated', ...args],
    { cwd: folder, env: ENV },
  );
  return { code: exitCode, said: `${stdout}\n${stderr}` };
}

function resultsIn(folder: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')));
}

function account({ cells }: Results) {
  return cells.map(({ mode, samples: { ok, attempted, reasons } }) => ({ mode, ok, attempted, reasons }));
}

const ALL_GOOD = ['plain', 'tls13'].map((mode) => expect.objectContaining({ mode, ok: 8, attempted: 8 }));

/** Files below a folder in which a text stands. */
function filesWith(folder: string, text: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(5);
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(text));
}

describe.runIf(await hasTools('mosquitto'))('a broker that wants a password', () => {
  test('by its command line: it is measured, and the password stands nowhere', async () => {
    const passwords = await passwordFile(temporaryFolder());
    const folder = workplace({
      name: 'command',
      label: 'mine',
      command: ['mosquitto', '-c', '{folder}/my.conf'],
      files: { 'my.conf': config(passwords, BY_COMMAND) },
      ...CREDENTIALS,
    });
    const { code, said } = await runIn(folder);
    expect({ code, said }).toMatchObject({ code: 0 });
    const out = join(folder, 'out');
    expect(account(resultsIn(out))).toEqual(ALL_GOOD);
    for (const secret of [USER, PASSWORD]) {
      expect(filesWith(out, secret)).toEqual([]);
      expect(said).not.toContain(secret);
    }
    expect(filesWith(out, 'env:BENCH_PASSWORD').map((file) => file.slice(out.length + 1))).toEqual(
      expect.arrayContaining(['results.json', 'scenario.yaml']),
    );
  });

  test('that runs already: it is measured, and the password stands nowhere; a wrong one is told', async () => {
    const place = temporaryFolder();
    const passwords = await passwordFile(place);
    const pki = await makePki(temporaryFolder());
    const { ca } = holdings(pki.folder);
    const port = await freePort();
    const file = (name: string): string => ca.replace(/ca\.crt$/, name);
    const own = config(passwords, {
      plain: `${port} 127.0.0.1`,
      tls13: `${port + 1} 127.0.0.1`,
      cert: file('broker.crt'),
      key: file('broker.key'),
    });
    writeFileSync(join(place, 'my.conf'), own);
    const mosquitto = execa((await locateTool('mosquitto')) ?? '', ['-c', join(place, 'my.conf')], {
      reject: false,
      stdio: 'ignore',
    });
    onTestFinished(async () => {
      mosquitto.kill();
      await mosquitto;
    });
    const broker = {
      name: 'external',
      urls: { plain: `mqtt://127.0.0.1:${port}`, tls13: `mqtts://127.0.0.1:${port + 1}` },
      ca,
      serverName: BROKER_NAME,
      ...CREDENTIALS,
    };
    const folder = workplace(broker);
    const { code, said } = await runIn(folder, '--target-is-mine');
    expect({ code, said }).toMatchObject({ code: 0 });
    const out = join(folder, 'out');
    const results = resultsIn(out);
    expect(account(results)).toEqual(ALL_GOOD);
    expect(results.links).toMatchObject([{ backend: 'proxy' }]);
    for (const secret of [USER, PASSWORD]) {
      expect(filesWith(out, secret)).toEqual([]);
      expect(said).not.toContain(secret);
    }
    // Who does not know the password is not sent against it 18 times.
    const stranger = workplace({ ...broker, password: 'env:BENCH_USER' });
    const refused = await runIn(stranger, '--target-is-mine');
    expect(refused.code).toBe(5);
    expect(refused.said).toMatch(
      /None of the modes can be run here: plain \(connack:[45] \(.*[Nn]ot authorized/,
    );
    // What speaks no TLS is told before it is sent more than a few connections.
    const mistaken = workplace({ ...broker, urls: { tls13: `mqtts://127.0.0.1:${port}` } });
    const plain = await runIn(mistaken, '--target-is-mine', '--set', 'modes=[tls13]');
    expect(plain.code).toBe(5);
    expect(plain.said).toMatch(
      /None of the modes can be run here: tls13 \((closed-by-broker|tcp-reset|tls:)/,
    );
  });
});

describe.runIf(await hasTools('mosquitto'))('builds of a broker', () => {
  const OPEN = config('', BY_COMMAND).replaceAll(
    /allow_anonymous false\npassword_file .*/g,
    'allow_anonymous true',
  );
  const broker = {
    name: 'command',
    label: 'mine',
    command: ['./build.sh', '-c', '{folder}/my.conf'],
    files: { 'my.conf': OPEN },
  };

  /** Another file of the same broker: what tells builds apart is the file. */
  function build(folder: string, name: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n# ${name}\nexec mosquitto "$@"\n`, { mode: 0o755 });
  }

  test('two are measured against each other, each a process of its own', async () => {
    const folder = workplace(broker);
    build(folder, 'build.sh');
    build(folder, 'old.sh');
    const args = ['--against-set', 'broker.command.0=./old.sh', '--no-confirm', '--min-effect-ms', '1000'];
    const { code, said } = await runIn(folder, ...args);
    expect({ code, said }).toMatchObject({ code: 0 });
    const sides = ['baseline', 'candidate'].map((side) => resultsIn(join(folder, 'out', side)));
    expect(sides.map(account)).toEqual([ALL_GOOD, ALL_GOOD]);
    const [before, after] = sides.map(({ environment }) => environment['broker']);
    expect(before).toMatch(/^old\.sh \(by command line, sha256 [0-9a-f]{12}\)$/);
    expect(after).toMatch(/^build\.sh \(by command line, sha256 [0-9a-f]{12}\)$/);
    const roles = sides[0]?.processes.map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(['baseline:mine', 'candidate:mine']));
  });

  test('two commits are built and measured against each other', async () => {
    const source = { revision: 'HEAD', build: [['cp', 'serve.in', 'serve']] };
    const folder = workplace({ ...broker, command: ['{source}/serve', '-c', '{folder}/my.conf'], source });
    const serve = (note: string): string => `#!/bin/sh\n# ${note}\nexec mosquitto "$@"\n`;
    const commits = await makeRepository(folder, [
      { 'serve.in': serve('old') },
      { 'serve.in': serve('new') },
    ]);
    const against = ['--against-set', 'broker.source.revision=HEAD~1'];
    const { code, said } = await runIn(folder, ...against, '--no-confirm', '--min-effect-ms', '1000');
    expect({ code, said }).toMatchObject({ code: 0 });
    const sides = ['baseline', 'candidate'].map((side) => resultsIn(join(folder, 'out', side)));
    expect(sides.map(account)).toEqual([ALL_GOOD, ALL_GOOD]);
    const versions = sides.map(({ environment }) => environment['broker']);
    expect(versions).toEqual(
      commits.map((commit) => expect.stringContaining(`commit ${commit.slice(0, 12)}`)),
    );
    for (const commit of commits) expect(said).toContain(`(${commit.slice(0, 12)}): cp serve.in serve`);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('%s while it is built leaves nothing', async (signal) => {
    const watch = await lookout();
    onTestFinished(() => watch.end());
    const source = { revision: 'HEAD', build: [['sleep', '600']] };
    const folder = workplace({ ...broker, command: ['{source}/serve', '{port:plain}'], source });
    await makeRepository(folder, [{ serve: '' }]);
    const cli = startCli(['run', 'it.yaml', '--out', 'out'], { cwd: folder, env: watch.env });
    await heard(cli, 'building HEAD');
    cli.kill(signal);
    const { exitCode } = await cli;
    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : undefined);
    await until('nothing is left', async () => (await watch.leftovers()).length === 0, 10_000);
  });

  test('kill -9 of the runner leaves neither broker nor its files', async () => {
    const watch = await lookout();
    onTestFinished(() => watch.end());
    const folder = workplace(broker, { rounds: 500 });
    build(folder, 'build.sh');
    const cli = startCli(['run', 'it.yaml', '--out', 'out', '--allow-uncalibrated'], {
      cwd: folder,
      env: watch.env,
    });
    await heard(cli, 'measuring');
    expect(watch.look().processes).toBeGreaterThan(5);
    cli.kill('SIGKILL');
    await cli;
    await until('nothing is left', async () => (await watch.leftovers()).length === 0, 10_000);
  });
});
