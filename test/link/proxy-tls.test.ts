import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as tls from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { nowUs } from '../../src/measure/clock.ts';
import { until } from '../helpers/processes.ts';
import { closeProxy, dial, openProxy, type OpenProxy } from './harness.ts';

const ONE_WAY_MS = 34;
/** What compute may add; less than half a trip, so that the count of trips cannot be mistaken. */
const COMPUTE_MS = 16;

let proxy: OpenProxy;
let identity: { key: string; cert: string };

beforeAll(async () => {
  [proxy, identity] = await Promise.all([openProxy(), throwAwayIdentity()]);
});
afterAll(() => closeProxy(proxy));

describe('TLS through the proxy', { retry: 2 }, () => {
  it.each([
    // Departures in trips: ClientHello, ServerHello, …, and last the flight that the application data is in.
    {
      version: 'TLSv1.2',
      trips: 7,
      departures: ['client 2', 'broker 3', 'client 4', 'broker 5', 'client 6'],
    },
    { version: 'TLSv1.3', trips: 5, departures: ['client 2', 'broker 3', 'client 4'] },
  ] as const)('$version takes $trips trips to the first application byte', async (expected) => {
    const runs: { ms: number; flow: Flow }[] = [];
    for (let n = 0; n < 5; n++) runs.push(await handshake(expected.version));
    // What others do on the machine only adds, so the best run shows the trips.
    const best = runs.toSorted((a, b) => a.ms - b.ms)[0];
    expect(best?.ms).toBeGreaterThanOrEqual(expected.trips * ONE_WAY_MS);
    expect(best?.ms).toBeLessThan(expected.trips * ONE_WAY_MS + COMPUTE_MS);
    const departures = best?.flow.flights.map(
      ({ from, leavesUs }) => `${from} ${Math.floor((leavesUs - best.flow.openedUs) / 1000 / ONE_WAY_MS)}`,
    );
    expect(departures?.slice(0, expected.departures.length)).toEqual(expected.departures);
  });
});

/** One verified handshake; the time from the client's connect to the server's first application byte. */
async function handshake(version: tls.SecureVersion): Promise<{ ms: number; flow: Flow }> {
  const received = Promise.withResolvers<number>();
  const server = tls.createServer({ ...identity, minVersion: version, maxVersion: version, noDelay: true });
  server.on('secureConnection', (socket) => {
    socket.once('data', () => {
      received.resolve(nowUs());
      socket.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const route = await proxy.link.route(resolveLink({ oneWayMs: ONE_WAY_MS }), target);
  const startUs = nowUs();
  const socket = dial(route);
  await once(socket, 'connect');
  const flowsBefore = proxy.flows.length;
  const secure = tls.connect({ socket, ca: identity.cert, servername: 'localhost' });
  await once(secure, 'secureConnect');
  expect(secure.getProtocol()).toBe(version);
  secure.write('first application byte');
  const receivedUs = await received.promise;
  secure.destroy();
  server.close();
  await until('the flow is told', () => proxy.flows.length > flowsBefore);
  const flow = proxy.flows.at(-1);
  if (flow === undefined) throw new Error('no flow was told');
  return { ms: (receivedUs - startUs) / 1000, flow };
}

async function throwAwayIdentity(): Promise<{ key: string; cert: string }> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notAfter: new Date(Date.now() + 3_600_000),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  };
}
