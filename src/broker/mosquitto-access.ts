import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mode } from '../modes/mode.ts';
import { CREDENTIAL_FILES, readCredentials } from '../pki/credentials.ts';
import { CLIENT_NAME } from '../pki/material.ts';
import type { BrokerChoice } from './broker.ts';

/**
 * What an ACL file says: that clients may use the run's topics, or that they may not publish. That they may not subscribe
 * cannot be measured: mosquitto 2.0 grants every SUBSCRIBE and looks at its file when there is something to deliver.
 */
export const ACLS = ['allow', 'deny-publish'] as const;
export type Acl = (typeof ACLS)[number];

export const DENIED = { allow: undefined, 'deny-publish': 'publish' } as const satisfies Record<Acl, unknown>;

/** How mosquitto.conf(5) calls what is left to a client. */
const LEFT = { allow: 'readwrite', 'deny-publish': 'read' } as const;

/** The swarm's topics. */
const TOPICS = 'mtb/#';

export function aclOf({ options }: BrokerChoice): Acl | undefined {
  return options['acl'] as Acl | undefined;
}

/** What mosquitto.conf(5) has for the authentication of a listener's clients. Client identifiers are a whole process's. */
export function authenticationLines({ auth }: Mode, pkiFolder: string): string[] {
  if (auth === 'x509') return ['allow_anonymous false', 'use_identity_as_username true'];
  return auth === 'password' || auth === 'client-id-and-password'
    ? ['allow_anonymous false', `password_file ${join(pkiFolder, CREDENTIAL_FILES.passwords)}`]
    : ['allow_anonymous true'];
}

/**
 * Writes the ACL files of a process: one for clients that have no name, one for those that have. Where users are known
 * each has rules of his own and anybody else may use nothing. Answers the line of a mode's listener; none without an ACL.
 */
export async function aclFiles(
  choice: BrokerChoice,
  modes: readonly Mode[],
  { pkiFolder, folder }: { pkiFolder: string; folder: string },
): Promise<(mode: Mode) => string[]> {
  const acl = aclOf(choice);
  if (acl === undefined || modes.length === 0) return () => [];
  const { username } = await readCredentials(pkiFolder);
  const rule = `topic ${LEFT[acl]} ${TOPICS}`;
  const [users, anybody] = [join(folder, 'acl-users'), join(folder, 'acl-anybody')];
  await writeFile(users, [username, CLIENT_NAME].map((user) => `user ${user}\n${rule}\n`).join(''));
  await writeFile(anybody, `${rule}\n`);
  return ({ auth }) => [`acl_file ${auth === 'none' || auth === 'client-id' ? anybody : users}`];
}
