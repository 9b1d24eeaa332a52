import { getDiffieHellman } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { AUTHENTICATIONS } from '../modes/axes.ts';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { der, TAG } from '../pki/der.ts';
import { needsFolder, PKI_FILES } from '../pki/folder.ts';
import { readCredentials } from '../pki/credentials.ts';
import { listedEntries } from '../pki/needs.ts';
import { ACLS, aclFiles, aclOf, authenticationLines, DENIED } from './mosquitto-access.ts';
import type { ProgramStart } from '../process/program.ts';
import { locateTool, toolLack } from '../process/tools.ts';
import type { BrokerKind } from './broker.ts';
import { startForeign, type Listener, type ProcessContext } from './foreign.ts';

/**
 * Eclipse Mosquitto, by mosquitto.conf(5). What that file has no option for and its TLS library has, groups and tickets,
 * is set by a configuration file of OpenSSL (config(5), SSL_CONF_cmd(3)), which counts for a whole process.
 */
export const mosquitto = {
  name: 'mosquitto',
  title: 'Eclipse Mosquitto',
  mqttVersions: ['3.1.1', '5'],
  authentications: AUTHENTICATIONS,
  stamps: 'wire',
  restarts: true,
  shape: {
    acl: z.enum(ACLS).optional().meta({
      description:
        'an ACL file with the topics that clients may use, or may not publish to, and then that is measured',
    }),
  },
  lack: () => toolLack('mosquitto'),
  version: mosquittoVersion,
  denies: (choice) => DENIED[aclOf(choice) ?? 'allow'],
  cannot: (mode, choice) => {
    // mosquitto.conf(5), "use_identity_as_username": any certificate of the authority is valid for connecting.
    if (mode.auth === 'x509' && mode.credentials === 'unknown-user')
      return 'mosquitto maps every identity of a verified certificate to a user; what he may use is for its ACL file';
    // Seen with 2.0: it answers as if the message had been distributed.
    if (aclOf(choice) === 'deny-publish' && mode.mqtt === '3.1.1')
      return 'mosquitto acknowledges what its ACL file denies in MQTT 3.1.1, so that nobody is told; MQTT 5 has a reason code';
    return undefined;
  },
  start: async (options) =>
    startForeign(options, {
      version: await mosquittoVersion(),
      restarts: true,
      group: (modes) => [...Map.groupBy(modes, (mode) => shares(modeNamed(mode))).values()],
      prepare,
    }),
} as const satisfies BrokerKind;

async function mosquittoVersion(): Promise<string> {
  const file = (await locateTool('mosquitto')) ?? 'mosquitto';
  const { stdout } = await execa(file, ['-h'], { reject: false });
  const version = /^mosquitto version (\S+)/m.exec(stdout ?? '')?.[1];
  return `mosquitto ${version ?? 'of an unknown version'}`;
}

async function prepare({ options, listeners, folder }: ProcessContext): Promise<ProgramStart> {
  const { host, choice, pkiFolder } = options;
  const [config, openssl] = [join(folder, 'mosquitto.conf'), join(folder, 'openssl.cnf')];
  const modes = listeners.map(({ mode }) => modeNamed(mode));
  if (modes.some(({ security }) => security?.authentication === 'dhe-psk'))
    await writeFile(join(folder, DH_FILE), dhParameters());
  const acl = await aclFiles(choice, modes, { pkiFolder, folder });
  const parts = listeners.map((listener) => [
    ...listenerLines(listener, { host, pkiFolder, folder }),
    ...authenticationLines(modeNamed(listener.mode), pkiFolder),
    ...acl(modeNamed(listener.mode)),
  ]);
  const prefixes = modes.some(knowsIdentifiers)
    ? [`clientid_prefixes ${(await readCredentials(pkiFolder)).clientIdPrefix}`]
    : [];
  const own = [...GENERAL, ...prefixes, `set_tcp_nodelay ${choice.noDelay}`];
  await writeFile(config, [...own, ...parts.flat(), ''].join('\n'));
  await writeFile(openssl, modes.map(processWide)[0] ?? '');
  return {
    command: [(await locateTool('mosquitto')) ?? 'mosquitto', '-c', config],
    env: { OPENSSL_CONF: openssl },
    folder,
    ready: listeners.map(({ port }) => ({ host, port })),
    // It listens before it reads its certificates.
    says: ' running',
  };
}

const DH_FILE = 'dhparams.pem';

const GENERAL = [
  'per_listener_settings true',
  // As root it would become a user who may not read what only the run's own may.
  ...(process.getuid?.() === 0 ? ['user root'] : []),
  'log_dest stderr',
  'log_type error',
  'log_type warning',
  // Once at the start, where connections are notices.
  'log_type information',
  'persistence false',
];

function listenerLines(
  { mode: name, port }: Listener,
  { host, pkiFolder, folder }: { host: string; pkiFolder: string; folder: string },
): string[] {
  const { security, needs, context, expected } = modeNamed(name);
  const common = [`listener ${port} ${host}`];
  if (security === undefined) return common;
  const file = (which: keyof typeof PKI_FILES): string =>
    join(needsFolder(pkiFolder, needs), PKI_FILES[which]);
  const lines = [
    ...common,
    `tls_version ${security.protocol === 'TLSv1.3' ? 'tlsv1.3' : 'tlsv1.2'}`,
    `${security.protocol === 'TLSv1.3' ? 'ciphers_tls1.3' : 'ciphers'} ${context?.ciphers ?? ''}`,
  ];
  if (expected.psk) lines.push('psk_hint mqtt-tls-bench', `psk_file ${file('psk')}`);
  else lines.push(`certfile ${file('brokerCert')}`, `keyfile ${file('brokerKey')}`);
  if (security.authentication === 'mutual')
    lines.push(`cafile ${file('clientCa')}`, 'require_certificate true');
  if (security.authentication === 'mutual' && listedEntries(needs) !== undefined)
    lines.push(`crlfile ${file('crl')}`);
  if (security.authentication === 'dhe-psk') lines.push(`dhparamfile ${join(folder, DH_FILE)}`);
  return lines;
}

/** Modes that share a process are alike in this. */
function shares(mode: Mode): string {
  // mosquitto.conf(5), "clientid_prefixes": applies globally.
  return `${processWide(mode)}${knowsIdentifiers(mode) ? '# known identifiers' : ''}`;
}

function knowsIdentifiers({ auth }: Mode): boolean {
  return auth === 'client-id' || auth === 'client-id-and-password';
}

/**
 * What of a mode counts for a whole process, as OpenSSL's configuration. Plain TCP and certificates may share one; PSK
 * files have processes of their own.
 */
function processWide({ security, context, tickets, expected }: Mode): string {
  const lines: string[] = [];
  if (context?.ecdhCurve !== undefined) lines.push(`Groups = ${context.ecdhCurve}`);
  if (security?.resumption === 'session-id' || !tickets)
    lines.push(security?.protocol === 'TLSv1.3' ? 'NumTickets = 0' : 'Options = -SessionTicket');
  return `openssl_conf = modules
# ${expected.psk ? 'pre-shared keys' : 'certificates'}
[modules]
ssl_conf = tls
[tls]
system_default = defaults
[defaults]
${lines.join('\n')}
`;
}

/** Group 14 of RFC 3526, of 2048 bits, in the form of PKCS #3: what OpenSSL itself would choose at its usual strength. */
function dhParameters(): string {
  const group = getDiffieHellman('modp14');
  const [prime, generator] = [group.getPrime(), group.getGenerator()];
  const text = der(TAG.sequence, unsigned(prime), unsigned(generator)).toString('base64');
  const lines = text.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN DH PARAMETERS-----', ...lines, '-----END DH PARAMETERS-----', ''].join('\n');
}

function unsigned(number: Buffer): Buffer {
  // A first bit that is set would make it negative.
  return der(TAG.integer, ...((number[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), number);
}
