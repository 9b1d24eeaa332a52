import { duplexPair } from 'node:stream';
import { connect, createServer, type SecureContextOptions } from 'node:tls';
import { createAuthority } from './authority.ts';
import { newKeyPair } from './keys.ts';
import type { Identity } from './material.ts';
import type { KeyType } from './needs.ts';

const NAME = 'probe.mqtt-tls-bench.test';
const TRY_MS = 10_000;

/** Sizes of RSA differ in nothing that a TLS stack could lack, and a large key takes a second to make. */
const TRIED_AS: Partial<Record<KeyType, KeyType>> = { 'rsa-3072': 'rsa-2048', 'rsa-4096': 'rsa-2048' };

const answers = new Map<KeyType, Promise<string | undefined>>();

/**
 * Why this process's TLS stack cannot do with certificates of that key; undefined where it can. Found out by trying,
 * once a process: keys are made, certificates are issued, and a mutual handshake of TLS 1.3 is done in memory.
 */
export function unsupportedKey(key: KeyType): Promise<string | undefined> {
  const tried = TRIED_AS[key] ?? key;
  const answer = answers.get(tried) ?? tryKey(tried);
  answers.set(tried, answer);
  return answer;
}

async function tryKey(key: KeyType): Promise<string | undefined> {
  let step = 'no key could be made';
  try {
    const authority = await createAuthority('mqtt-tls-bench probe CA', await newKeyPair(key));
    step = 'no certificate could be issued';
    const server = await authority.issue({ name: NAME, use: 'server', dnsNames: [NAME] });
    const client = await authority.issue({ name: NAME, use: 'client' });
    step = 'the handshake failed';
    await handshake(authority.certPem, server, client);
    return undefined;
  } catch (error) {
    return `${key}: ${step} with OpenSSL ${process.versions.openssl}: ${(error as Error).message}`;
  }
}

/** Rejects with what the first end says that has something against the other. */
async function handshake(ca: string, broker: Identity, client: Identity): Promise<void> {
  const context = ({ certPem, keyPem }: Identity): SecureContextOptions => ({
    minVersion: 'TLSv1.3',
    ca,
    cert: certPem,
    key: keyPem,
  });
  const [near, far] = duplexPair();
  const server = createServer({ ...context(broker), requestCert: true, rejectUnauthorized: true });
  const socket = connect({ socket: near, servername: NAME, ...context(client) });
  try {
    await new Promise((resolve, reject) => {
      server.on('tlsClientError', (error, { authorizationError }) => {
        reject(authorizationError ? new Error(String(authorizationError)) : error);
      });
      socket.on('error', reject);
      // That the server writes says that it took the client's certificate.
      server.on('secureConnection', (accepted) => accepted.on('error', reject).write('.'));
      socket.once('data', resolve);
      setTimeout(() => reject(new Error(`not done after ${TRY_MS} ms`)), TRY_MS).unref();
      server.emit('connection', far);
    });
  } finally {
    socket.destroy();
    far.destroy();
  }
}
