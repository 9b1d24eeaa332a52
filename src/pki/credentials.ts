import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CLIENT_NAME } from './material.ts';
import { PasswordFile, passwordLine } from './passwords.ts';

/** Files of a run's private folder, readable by the user alone. */
export const CREDENTIAL_FILES = {
  /** What the clients hold. */
  clients: 'credentials.json',
  /** What a broker checks user names and passwords by, in the form of mosquitto's `password_file`. */
  passwords: 'passwords',
} as const;

/** Letters alone: what comes before the identifier proper must not be taken for a part of it. */
const PREFIX_LETTERS = 8;
const PASSWORD_BYTES = 24;

const clientCredentialsSchema = z.strictObject({
  username: z.string(),
  password: z.string(),
  /** What the identifiers of all known clients begin with: within what MQTT 3.1.1 §3.1.3.1 lets every client use. */
  clientIdPrefix: z.string(),
});

/** What the clients of a run are known by, beside their certificates. Random, and of no use to another run. */
export type ClientCredentials = z.infer<typeof clientCredentialsSchema>;

/** What a broker knows of the clients that it lets in. */
export interface KnownClients {
  passwords: PasswordFile;
  clientIdPrefix: string;
  /** The user that a certificate's common name is mapped to. */
  usersByName: ReadonlyMap<string, string>;
}

/** Makes a run's credentials in its private folder (mode 0700, made by the caller). */
export async function createCredentials(folder: string): Promise<void> {
  const credentials: ClientCredentials = {
    username: `user-${randomBytes(4).toString('hex')}`,
    password: randomBytes(PASSWORD_BYTES).toString('base64url'),
    clientIdPrefix: randomLetters(),
  };
  const { username, password } = credentials;
  const write = (file: string, text: string): Promise<void> =>
    writeFile(join(folder, file), text, { mode: 0o600, flag: 'wx' });
  await write(CREDENTIAL_FILES.clients, JSON.stringify(credentials));
  await write(CREDENTIAL_FILES.passwords, `${passwordLine(username, password)}\n`);
}

/** What the clients of a run show. */
export async function readCredentials(folder: string): Promise<ClientCredentials> {
  const text = await readFile(join(folder, CREDENTIAL_FILES.clients), 'utf8');
  return clientCredentialsSchema.parse(JSON.parse(text));
}

/** Credentials that nobody knows, of the form of those that somebody does. */
export function strangerTo({ username }: ClientCredentials): ClientCredentials {
  return {
    username: `${username}-unknown`,
    password: randomBytes(PASSWORD_BYTES).toString('base64url'),
    clientIdPrefix: randomLetters(),
  };
}

/** What a broker of a run checks its clients by. */
export async function readKnownClients(folder: string): Promise<KnownClients> {
  const { username, clientIdPrefix } = await readCredentials(folder);
  return {
    passwords: new PasswordFile(await readFile(join(folder, CREDENTIAL_FILES.passwords), 'utf8')),
    clientIdPrefix,
    usersByName: new Map([[CLIENT_NAME, username]]),
  };
}

function randomLetters(): string {
  return Array.from(randomBytes(PREFIX_LETTERS), (byte) => String.fromCharCode(65 + (byte % 26))).join('');
}
