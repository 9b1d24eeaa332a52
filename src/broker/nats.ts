import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { needsFolder, PKI_FILES } from '../pki/folder.ts';
import { readCredentials } from '../pki/credentials.ts';
import { listedEntries } from '../pki/needs.ts';
import type { ProgramStart } from '../process/program.ts';
import { locateTool, toolLack } from '../process/tools.ts';
import type { BrokerChoice, BrokerKind } from './broker.ts';
import { startForeign, type ProcessContext } from './foreign.ts';

/**
 * nats-server with its MQTT listener, by docs.nats.io/running-a-nats-service/configuration/mqtt and …/securing_nats/tls.
 * A server has one MQTT listener, so each mode has a server of its own.
 */
export const nats = {
  name: 'nats',
  title: 'NATS server (MQTT listener)',
  mqttVersions: ['3.1.1'],
  authentications: ['password'],
  stamps: 'wire',
  shape: {},
  lack: () => toolLack('nats-server'),
  version: natsVersion,
  cannot,
  qos2Lack: async () => qos2Lack(await natsVersion()),
  start: async (options) =>
    startForeign(options, {
      version: await natsVersion(),
      group: (modes) => modes.map((mode) => [mode]),
      prepare,
    }),
} as const satisfies BrokerKind;

/** The names that Go has for groups (crypto/tls, CurveID), which are those of the option `curve_preferences`. */
const CURVES: Record<string, string | undefined> = {
  X25519: 'X25519',
  'P-256': 'CurveP256',
  'P-384': 'CurveP384',
};

function cannot({ security, needs, tickets, axes }: Mode, { noDelay }: BrokerChoice): string | undefined {
  // Package net, TCPConn.SetNoDelay: "The default is true"; the server's configuration has no key for it.
  if (!noDelay) return "nats-server has no setting for TCP_NODELAY: Go's net switches Nagle's algorithm off";
  if (security === undefined) return undefined;
  const { authentication, group, resumption } = security;
  // Package crypto/tls, constants of cipher suites: there is none with PSK, and no way to offer one in TLS 1.3.
  if (authentication.endsWith('psk')) return "Go's crypto/tls has no pre-shared keys";
  // Package crypto/tls, Config.SessionTicketsDisabled; "session IDs" are not among what its server resumes by.
  if (resumption === 'session-id') return "Go's crypto/tls resumes by tickets alone, not by session ID";
  if (!tickets) return "nats-server has no setting that keeps Go's crypto/tls from issuing tickets";
  const wanted = axes.group ?? group;
  if (wanted !== undefined && CURVES[wanted] === undefined)
    return `nats-server's curve_preferences know ${Object.values(CURVES).join(', ')} and CurveP521, not ${wanted}`;
  // docs.nats.io, "Securing NATS": OCSP (2.3 and later) is its only answer to revocation.
  if (listedEntries(needs) !== undefined) return 'nats-server reads no revocation lists, only OCSP';
  return undefined;
}

/** QoS 2 came with nats-server 2.10, by its release notes; before, a PUBLISH of QoS 2 closes the connection. */
export function qos2Lack(version: string): string | undefined {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined || major > 2 || (major === 2 && minor >= 10))
    return undefined;
  return `${version} takes no messages of QoS 2, which is new in 2.10`;
}

async function natsVersion(): Promise<string> {
  const file = (await locateTool('nats-server')) ?? 'nats-server';
  const { stdout } = await execa(file, ['--version'], { reject: false });
  return `nats-server ${/v?(\d+\.\S+)/.exec(stdout ?? '')?.[1] ?? 'of an unknown version'}`;
}

async function prepare({ options, listeners, folder, freePort }: ProcessContext): Promise<ProgramStart> {
  const { host, pkiFolder } = options;
  const [listener] = listeners;
  if (listener === undefined) throw new Error('A server without a listener');
  const { mode: name, port } = listener;
  const config = {
    // What JetStream and MQTT ask for.
    server_name: 'mqtt-tls-bench',
    // It cannot do without a listener for clients of NATS itself.
    host: '127.0.0.1',
    port: await freePort(),
    jetstream: { store_dir: join(folder, 'store') },
    ...(await usersOf(modeNamed(name), pkiFolder)),
    mqtt: { host, port, ...tlsOf(modeNamed(name), pkiFolder) },
  };
  const file = join(folder, 'nats.json');
  // Its configuration language holds JSON.
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return {
    command: [(await locateTool('nats-server')) ?? 'nats-server', '-c', file],
    folder,
    ready: [{ host, port }],
  };
}

/** docs.nats.io, "Username and Password": of MQTT's clients too, where a server names users at all. */
async function usersOf({ auth }: Mode, pkiFolder: string): Promise<object> {
  if (auth !== 'password') return {};
  const { username, password } = await readCredentials(pkiFolder);
  return { authorization: { users: [{ user: username, password }] } };
}

function tlsOf({ security, needs, expected }: Mode, pkiFolder: string): object {
  if (security === undefined) return {};
  const file = (which: keyof typeof PKI_FILES): string =>
    join(needsFolder(pkiFolder, needs), PKI_FILES[which]);
  const curve = expected.group === undefined ? undefined : CURVES[expected.group];
  return {
    tls: {
      cert_file: file('brokerCert'),
      key_file: file('brokerKey'),
      ...(security.authentication === 'mutual' ? { ca_file: file('clientCa'), verify: true } : {}),
      // Go chooses among those of TLS 1.3 by itself; the client offers one.
      ...(security.protocol === 'TLSv1.2' ? { cipher_suites: [expected.suite] } : {}),
      ...(curve === undefined ? {} : { curve_preferences: [curve] }),
      // In seconds; the default of 0.5 would end handshakes over long links.
      timeout: 60,
    },
  };
}
