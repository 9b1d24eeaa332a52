import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createCredentials,
  CREDENTIAL_FILES,
  readCredentials,
  readKnownClients,
  strangerTo,
  type ClientCredentials,
} from '../../src/pki/credentials.ts';
import { PasswordFile, passwordLine } from '../../src/pki/passwords.ts';
import { CLIENT_NAME } from '../../src/pki/material.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

/** `mosquitto_passwd -b -c FILE device "open sesame"`, of mosquitto 2.0. */
const MADE_BY_MOSQUITTO =
  'device:$7$101$ofMuA2HMcMxAYHo6$egjoEYrfbUC0KZ7s2wILNuXK+NUMFiTZynN+p4b/PnePn8I+040i5FHgaKc5QFcUpcTV/hf4Aor706g1h8UqpA==\n';

const newFolder = sharedFolders();
let folder: string;
let own: ClientCredentials;
beforeAll(async () => {
  folder = newFolder();
  await createCredentials(folder);
  own = await readCredentials(folder);
});

describe('the credentials of a run', () => {
  it('are no other run’s, and a stranger’s are nobody’s', async () => {
    const other = newFolder();
    await createCredentials(other);
    const all = [own, await readCredentials(other), strangerTo(own), strangerTo(own)];
    for (const name of ['password', 'clientIdPrefix'] as const)
      expect(new Set(all.map((credentials) => credentials[name])).size).toBe(all.length);
    expect(own.password.length).toBeGreaterThanOrEqual(32);
    // With the longest identifier of an attempt within the 23 characters that every broker takes.
    expect(own.clientIdPrefix).toMatch(/^[A-Z]{8}$/);
  });

  it('are known to the broker, which has no password itself', async () => {
    const { passwords, clientIdPrefix, usersByName } = await readKnownClients(folder);
    expect(passwords.accepts(own.username, own.password)).toBe(true);
    expect(passwords.accepts(own.username, strangerTo(own).password)).toBe(false);
    expect(passwords.accepts(strangerTo(own).username, own.password)).toBe(false);
    expect(clientIdPrefix).toBe(own.clientIdPrefix);
    expect(usersByName.get(CLIENT_NAME)).toBe(own.username);
    expect(readFileSync(join(folder, CREDENTIAL_FILES.passwords), 'utf8')).not.toContain(own.password);
  });
});

describe('a password file', () => {
  it('has PBKDF2-SHA512 with a salt of its own for each line', () => {
    const [one, two] = [passwordLine('user', 'secret'), passwordLine('user', 'secret')];
    expect(one).toMatch(/^user:\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    expect(one).not.toBe(two);
    const file = new PasswordFile(`${one}\n${passwordLine('other', 'else')}\n`);
    expect(file.accepts('user', 'secret')).toBe(true);
    expect(file.accepts('user', 'else')).toBe(false);
    expect(file.accepts('nobody', 'secret')).toBe(false);
  });

  it('checks what mosquitto_passwd made', () => {
    const file = new PasswordFile(MADE_BY_MOSQUITTO);
    expect(file.accepts('device', 'open sesame')).toBe(true);
    expect(file.accepts('device', 'open sesame ')).toBe(false);
  });

  it('of another form is an error with its line', () => {
    expect(() => new PasswordFile('a:b\n')).toThrow('Line 1 of the password file is not user:$7$…');
  });
});
