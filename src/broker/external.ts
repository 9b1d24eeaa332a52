import { randomBytes, X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { environmentError, messageOf, usageError } from '../errors.ts';
import type { Endpoint } from '../link/backend.ts';
import { isCertified } from '../modes/configure.ts';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import type { BrokerChoice, BrokerKind, BrokerOptions, RunningBroker } from './broker.ts';
import { entryNameOf } from './by-mode.ts';
import { addressOf, EXTERNAL_SHAPE, settingsOf, type ExternalSettings } from './external-settings.ts';
import type { Access, Peer } from './peer.ts';
import { credentialsOf, readSecret } from './secrets.ts';

const FILES = ['ca', 'clientCert', 'clientKey'] as const;
const CONNECT_WITHIN_MS = 10_000;
const HEX = /^(?:[0-9a-f]{2})+$/i;
/** The most that OpenSSL takes, in bytes (`PSK_MAX_IDENTITY_LEN`, `PSK_MAX_PSK_LEN`); RFC 4279 §5.3 asks for 128 and 64. */
const PSK_LIMITS = { pskIdentity: 256, pskKey: 512 };

/**
 * A broker that runs already, of which the bench knows its URLs. Nothing of it is started, set or stopped; its
 * certificate is always verified, by authorities and name. What happens in it shows on the wire alone.
 */
export const external = {
  name: 'external',
  title: 'a broker that runs already',
  // Only trying tells.
  mqttVersions: ['3.1.1', '5'],
  stamps: 'wire',
  elsewhere: true,
  shape: EXTERNAL_SHAPE,
  lack: () => Promise.resolve(undefined),
  cannot,
  withPaths: (options, absolute) => ({
    ...options,
    ...Object.fromEntries(
      FILES.flatMap((key) => {
        const path = options[key];
        return typeof path === 'string' ? [[key, absolute(path)]] : [];
      }),
    ),
  }),
  check: async (choice) => {
    const settings = settingsOf(choice);
    credentialsOf(settings);
    await holdingsOf(settings);
  },
  peerName: (mode, choice) => {
    const settings = settingsOf(choice);
    const url = urlOf(settings, mode);
    return url === undefined ? undefined : (settings.serverName ?? addressOf(url).host);
  },
  start,
} as const satisfies BrokerKind;

function cannot(mode: Mode, choice: BrokerChoice): string | undefined {
  const settings = settingsOf(choice);
  const { axes, refusedAt, security } = mode;
  if (urlOf(settings, mode) === undefined)
    return `the scenario has no URL for it (it has: ${Object.keys(settings.urls).join(', ')})`;
  if (refusedAt !== undefined)
    return 'what an external broker refuses is its own matter: no such certificate of its own is known';
  const own = (['chain', 'padBytes', 'crlEntries'] as const).find((axis) => axes[axis] !== undefined);
  if (own !== undefined)
    return `the certificates of an external broker are its own: \`${own}\` cannot be set`;
  const { authentication } = security ?? {};
  if (authentication === 'mutual' && (settings.clientCert ?? settings.clientKey) === undefined)
    return 'the scenario names no `clientCert` and `clientKey` for it';
  if (security !== undefined && !isCertified(security) && settings.pskKey === undefined)
    return 'the scenario names no `pskIdentity` and `pskKey` for it';
  return undefined;
}

async function start({ choice, modes, prefix }: BrokerOptions): Promise<RunningBroker> {
  if (prefix.length > 0)
    throw environmentError(
      'An external broker cannot be reached from a namespace of the run',
      'Choose --backend proxy or --backend none.',
    );
  const settings = settingsOf(choice);
  const holdings = await holdingsOf(settings);
  const credentials = credentialsOf(settings);
  const clientIdPrefix = newPrefix();
  const urls = new Map(
    modes.flatMap((mode) => {
      const url = urlOf(settings, modeNamed(mode));
      return url === undefined ? [] : [[mode, url] as const];
    }),
  );
  const reached = new Map<string, Endpoint>();
  for (const url of new Set(urls.values())) reached.set(url, await reach(url));
  return {
    listeners: new Map(
      [...urls].flatMap(([mode, url]) => {
        const at = reached.get(url);
        return at === undefined ? [] : [[mode, at] as const];
      }),
    ),
    unserved: new Map(),
    version: `external: ${[...new Set(Object.values(settings.urls))].join(', ')}`,
    processes: [],
    access: (mode): Access => {
      const name = settings.serverName ?? addressOf(urls.get(mode) ?? '').host;
      return {
        clientIdPrefix,
        peer: { name, ...holdings },
        ...(credentials === undefined ? {} : { credentials }),
      };
    },
    flush: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

function urlOf({ urls }: ExternalSettings, mode: Mode): string | undefined {
  const name = entryNameOf(Object.keys(urls), mode);
  // What differs at the broker's end is not the bench's to set: one URL serves all of a family.
  return urls[name ?? mode.family];
}

/**
 * Looks the host up once, so that no connection has the time of it, and takes the first of its addresses that accepts
 * connections. Throws an environment error (exit code 5) when there is none.
 */
async function reach(url: string): Promise<Endpoint> {
  const { host, port } = addressOf(url);
  const addresses = await lookup(host, { all: true }).catch((error: unknown) => {
    throw environmentError(
      `The host ${host} of the external broker does not resolve: ${messageOf(error)}`,
      'Check the name in `broker.urls`, and the name service of this machine.',
    );
  });
  const against: string[] = [];
  for (const { address } of addresses) {
    const problem = await refusalAt(address, port);
    if (problem === undefined) return { host: address, port };
    against.push(problem);
  }
  throw environmentError(
    `The external broker does not accept connections at ${url}: ${against.join('; ')}`,
    'Check the port in `broker.urls`, that the broker runs, and that no firewall is in between.',
  );
}

function refusalAt(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_WITHIN_MS });
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('error', (error: Error) => end(error.message));
    socket.once('timeout', () => end(`no answer from ${host} within ${CONNECT_WITHIN_MS / 1000} s`));
    socket.once('connect', () => end());
  });
}

/** What its clients hold. Throws a BenchError that names the key of the scenario when it is of no use. */
async function holdingsOf(settings: ExternalSettings): Promise<Omit<Peer, 'name'>> {
  const { ca, clientCert, clientKey, pskIdentity, pskKey } = settings;
  if ((clientCert === undefined) !== (clientKey === undefined))
    throw halfOf(['clientCert', 'clientKey'], clientCert !== undefined);
  if ((pskIdentity === undefined) !== (pskKey === undefined))
    throw halfOf(['pskIdentity', 'pskKey'], pskIdentity !== undefined);
  const caPem = ca === undefined ? rootCertificates.join('\n') : await readPem('ca', ca);
  if (ca !== undefined) checkPem('ca', ca, () => new X509Certificate(caPem));
  const identity =
    clientCert === undefined || clientKey === undefined
      ? undefined
      : {
          certPem: await readPem('clientCert', clientCert),
          keyPem: await readPem('clientKey', clientKey),
        };
  if (identity !== undefined && clientCert !== undefined && clientKey !== undefined) {
    checkPem('clientCert', clientCert, () => new X509Certificate(identity.certPem));
    checkPem('clientKey', clientKey, () =>
      createSecureContext({ cert: identity.certPem, key: identity.keyPem }),
    );
  }
  const psk = pskKey === undefined ? undefined : sharedKeyOf(pskIdentity, pskKey);
  return { caPem, ...(identity === undefined ? {} : { identity }), ...(psk === undefined ? {} : { psk }) };
}

/** What the variables hold; what is wrong with it is told without it. */
function sharedKeyOf(pskIdentity: unknown, pskKey: unknown): NonNullable<Peer['psk']> {
  const psk = {
    identity: readSecret(pskIdentity, 'pskIdentity'),
    keyHex: readSecret(pskKey, 'pskKey'),
  };
  if (!HEX.test(psk.keyHex))
    throw usageError(
      'What `broker.pskKey` names is not a key in hexadecimal',
      'Write each byte as two digits.',
    );
  const lengths = { pskIdentity: Buffer.byteLength(psk.identity), pskKey: psk.keyHex.length / 2 };
  for (const key of ['pskIdentity', 'pskKey'] as const)
    if (lengths[key] > PSK_LIMITS[key])
      throw usageError(
        `What \`broker.${key}\` names has ${lengths[key]} bytes, expected at most ${PSK_LIMITS[key]}`,
        'OpenSSL takes no more, so that no client here could use it.',
      );
  return psk;
}

function halfOf([one, other]: readonly [string, string], hasFirst: boolean): Error {
  const [has, lacks] = hasFirst ? [one, other] : [other, one];
  return usageError(`\`broker.${has}\` is of no use without \`broker.${lacks}\``, `Add ${lacks}.`);
}

async function readPem(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw usageError(`\`broker.${key}\`: ${file}: ${why}`, 'Its place is relative to the scenario.');
  }
}

function checkPem(key: string, file: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw usageError(`\`broker.${key}\`: ${file} is of no use: ${messageOf(error)}`, 'Expected PEM.');
  }
}

/** Capitals, by which nobody else's identifiers begin; with what follows within the 23 characters of MQTT 3.1.1 §3.1.3.1. */
function newPrefix(): string {
  return `MTB${Array.from(randomBytes(5), (byte) => String.fromCharCode(65 + (byte % 26))).join('')}`;
}
