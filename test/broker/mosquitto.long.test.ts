import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { mosquitto } from '../../src/broker/mosquitto.ts';
import { MODE_NAMES } from '../../src/modes/index.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { startBroker, visit, type Foreign } from '../helpers/foreign-broker.ts';
import { alive, childrenOf, until } from '../helpers/processes.ts';
import { freePort } from '../helpers/tcp.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const here = await hasTools('mosquitto');
const newFolder = sharedFolders();

/** Its OpenSSL 3.0 has no ML-KEM. */
const LACKS = ['tls13-mlkem'];
const AXES = [
  'tls13+mqtt=5',
  'tls13+tickets=false',
  'tls12+suite=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'tls12+key=rsa-2048+chain=3',
  'mtls13+key=ed25519+crlEntries=10',
];
/** What the client is told when it is refused. */
const REFUSED = {
  'mtls12+client=expired': /ALERT_CERTIFICATE_EXPIRED$/,
  'mtls13+client=revoked': /ALERT_CERTIFICATE_REVOKED$/,
  'mtls13+client=wrong-ca': /ALERT_UNKNOWN_CA$/,
};
const has = [...MODE_NAMES.filter((mode) => !LACKS.includes(mode)), ...AXES];

describe.skipIf(!here)('mosquitto', () => {
  let foreign: Foreign;
  beforeAll(async () => {
    let end = (): Promise<void> => Promise.resolve();
    const modes = [...has, ...LACKS, ...Object.keys(REFUSED), 'tls13+key=ml-dsa-44'];
    foreign = await startBroker(mosquitto, modes, newFolder(), {}, (stop) => (end = stop));
    return () => end();
  });

  it.each(has)('%s: connects, and what is negotiated is what the mode asks for', async (mode) => {
    expect(await visit(foreign, mode)).toBe('as asked');
  });

  it.each(Object.entries(REFUSED))('%s is refused with an alert', async (mode, reason) => {
    expect(await visit(foreign, mode)).toMatch(reason);
  });

  it('fails, and does not do something else, where its TLS library lacks a group', async () => {
    expect(await visit(foreign, 'tls13-mlkem')).toMatch(/ALERT_HANDSHAKE_FAILURE/);
  });

  it('has no listener where it cannot read its own certificate, and says why; the others are served', () => {
    expect([...foreign.running.unserved.keys()]).toEqual(['tls13+key=ml-dsa-44']);
    expect(foreign.running.unserved.get('tls13+key=ml-dsa-44')).toMatch(/Unable to load server certificate/);
    expect(foreign.running.version).toMatch(/^mosquitto 2\.\d+\.\d+$/);
    expect(foreign.crashes).toEqual([]);
  });

  it('does not let what counts for a whole process reach other modes', () => {
    // Groups, tickets and PSK files: plain TCP and certificates over X25519 together, each other kind by itself.
    const names = foreign.running.processes.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(4);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.skipIf(!here)('mosquitto that is started', () => {
  it('with nothing that it can serve is an error with exit code 5 and its own words, and leaves nothing', async () => {
    const before = (await childrenOf(process.pid)).length;
    const folder = temporaryFolder();
    await expect(startBroker(mosquitto, ['tls13+key=ml-dsa-44'], folder)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(
        /mosquitto-1 program ended before it was ready \(exit code 1\):[^]*Unable to load server certificate/,
      ) as unknown,
    });
    expect(await childrenOf(process.pid)).toHaveLength(before);
  });

  it('on a port that is in use is an error with exit code 5', async () => {
    const server = createServer();
    const port = await freePort();
    await once(server.listen(port, '127.0.0.1'), 'listening');
    const choice = { ...brokerOf('mosquitto'), port };
    await expect(startBroker(mosquitto, ['plain'], temporaryFolder(), { choice })).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('the port is in use') as unknown,
    });
    server.close();
  });

  it('on ports that are asked for has them in the order of the modes', async () => {
    const port = await freePort();
    const choice = { ...brokerOf('mosquitto'), port };
    const { running } = await startBroker(mosquitto, ['tls13', 'plain'], temporaryFolder(), { choice });
    expect(running.listeners.get('tls13')?.port).toBe(port);
    expect(running.listeners.get('plain')?.port).toBe(port + 1);
  });

  it('writes into its own folders alone, and is gone when it is stopped', async () => {
    const folder = temporaryFolder();
    const { running } = await startBroker(mosquitto, ['plain', 'tls13'], folder);
    expect((await readdir(folder)).filter((name) => name.startsWith('broker-mosquitto-')).length).toBe(
      running.processes.length,
    );
    const children = await Promise.all(running.processes.map(({ pid }) => childrenOf(pid)));
    const pids = children.flat().map(({ pid }) => pid);
    expect(pids).toHaveLength(running.processes.length);
    await running.stop();
    expect(alive(pids)).toEqual([]);
  });

  it('and killed is told as a crash', async () => {
    const { running, crashes } = await startBroker(mosquitto, ['plain'], temporaryFolder());
    const [keeper] = running.processes;
    const [child] = await childrenOf(keeper?.pid ?? 0);
    process.kill(child?.pid ?? 0, 'SIGKILL');
    await until('the crash is told', () => crashes.length === 1);
    expect(crashes[0]?.message).toMatch(/mosquitto-1 program ended \(SIGKILL\)/);
  });
});
