import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { mosquitto } from '../../src/broker/mosquitto.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { CREDENTIAL_FILES, readCredentials } from '../../src/pki/credentials.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { Attempt, HandshakeJob } from '../../src/swarm/workloads/handshake.protocol.ts';
import type { TargetInput } from '../../src/swarm/targets.ts';
import { targetsFor } from '../helpers/auth.ts';
import { findMosquitto } from '../helpers/mosquitto.ts';
import { makePki } from '../helpers/pki.ts';
import { startSwarm } from '../helpers/swarm.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const LET_IN = [
  'plain+auth=client-id',
  'plain+auth=password',
  'tls13+auth=password+mqtt=5',
  'tls12+auth=client-id-and-password',
  'mtls12+auth=x509',
  'mtls13+auth=x509+mqtt=5',
];
/** mosquitto has one return code for all: not authorized, 5 in MQTT 3.1.1 and 0x87 in MQTT 5. */
const REFUSED = {
  'plain+auth=client-id+credentials=unknown-client-id': 'connack:5',
  'tls12+auth=password+credentials=wrong-password': 'connack:5',
  'tls13+auth=client-id-and-password+credentials=unknown-user': 'connack:5',
  'tls13+auth=client-id-and-password+credentials=unknown-client-id+mqtt=5': 'connack:0x87',
  'plain+auth=password+credentials=wrong-password+mqtt=5': 'connack:0x87',
};

const newFolder = sharedFolders();
const here = findMosquitto() !== undefined;
let folder: string;
let nextId = 0;
beforeAll(async () => {
  folder = newFolder();
  await makePki(folder);
});

/** A mosquitto with listeners for some modes, and what one attempt of each comes to. */
async function visits(
  modes: readonly string[],
  options: { acl?: string; changes?: Partial<TargetInput>; job?: Partial<HandshakeJob> } = {},
): Promise<Map<string, Attempt>> {
  const { acl, changes, job } = options;
  const broker = await mosquitto.start({
    host: '127.0.0.1',
    modes,
    pkiFolder: folder,
    choice: brokerOf({ name: 'mosquitto', ...(acl === undefined ? {} : { acl }) }),
    label: `m${nextId}`,
    prefix: [],
    onRecord: () => {},
    onRefusal: () => {},
    onCrash: () => {},
  });
  try {
    expect([...broker.unserved]).toEqual([]);
    const swarm = await startSwarm(folder, await targetsFor(broker, modes, folder, changes));
    const found = new Map<string, Attempt>();
    for (const [cell, mode] of modes.entries()) {
      const { attempts } = await swarm.handshake([{ id: nextId++, cell, atMs: 0 }], { qos: 1, ...job });
      if (attempts[0] !== undefined) found.set(mode, attempts[0]);
    }
    return found;
  } finally {
    await broker.stop();
  }
}

describe.skipIf(!here)('mosquitto', () => {
  it.each([undefined, 'allow'])(
    'lets in who shows what its own files ask for, with an ACL file: %s',
    async (acl) => {
      for (const [mode, attempt] of await visits(LET_IN, acl === undefined ? {} : { acl })) {
        expect([mode, attempt.failure]).toEqual([mode, undefined]);
        expect(attempt.stampsUs.pubackReceived).toBeGreaterThan(0);
      }
    },
  );

  it('refuses who does not', async () => {
    const ids = Object.keys(REFUSED);
    const found = await visits(ids.map((id) => modeNamed(id).name));
    const refusals = ids.map((id) => found.get(modeNamed(id).name)?.negotiated.refusal);
    expect(refusals).toEqual(Object.values(REFUSED));
  });

  it('with an ACL file that denies to publish tells clients of MQTT 5 alone', async () => {
    const modes = ['plain+mqtt=5', 'mtls13+auth=x509+mqtt=5'];
    const denied = await visits(modes, { acl: 'deny-publish', changes: { denied: 'publish' } });
    expect([...denied.values()].map(({ negotiated }) => negotiated.refusal)).toEqual([
      'puback:0x87',
      'puback:0x87',
    ]);
    // Why it cannot be measured in MQTT 3.1.1: PUBACK comes as if all were well.
    const old = await visits(['plain'], { acl: 'deny-publish' });
    expect(old.get('plain')?.failure).toBeUndefined();
    const choice = brokerOf({ name: 'mosquitto', acl: 'deny-publish' });
    expect(mosquitto.cannot(modeNamed('plain'), choice)).toMatch(/nobody is told/);
    expect(mosquitto.cannot(modeNamed('plain+mqtt=5'), choice)).toBeUndefined();
  });

  it('maps every identity of a verified certificate, so that there is no unknown user', () => {
    const mode = modeNamed('mtls13+auth=x509+credentials=unknown-user');
    expect(mosquitto.cannot(mode, brokerOf('mosquitto'))).toMatch(/maps every identity/);
  });

  it('reads the password file that a run makes as mosquitto_passwd does', async () => {
    const { username, password } = await readCredentials(folder);
    const file = join(folder, CREDENTIAL_FILES.passwords);
    // It replaces the user's line, and would refuse a file of another form.
    await execa('mosquitto_passwd', ['-b', file, username, password]);
    expect(await readFile(file, 'utf8')).toMatch(new RegExp(`^${username}:\\$7\\$101\\$`));
  });
});
