/**
 * A broker that gives its pre-shared key up after some connections and shows a certificate in its place, for an injected
 * regression: `node psk-broker.ts HOST PLAIN_PORT PSK_PORT PSK_FILE CERT KEY AFTER`.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';

const [host = '', plainPort, pskPort, pskFile = '', cert = '', key = '', after] = process.argv.slice(2);

const [identity, keyHex = ''] = (await readFile(pskFile, 'utf8')).trim().split(':');
const psk = Buffer.from(keyHex, 'hex');
const broker = await Aedes.createBroker();
const alike = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ecdhCurve: 'X25519',
  noDelay: true,
} as const;
const keyed = createTlsServer(
  { ...alike, pskCallback: (_socket, given) => (given === identity ? psk : null) },
  broker.handle,
);
const certified = createTlsServer(
  { ...alike, cert: await readFile(cert), key: await readFile(key) },
  broker.handle,
);
for (const server of [keyed, certified]) server.on('tlsClientError', () => {});

createServer({ noDelay: true }, broker.handle).listen(Number(plainPort), host);
let connections = 0;
createServer({ noDelay: true }, (socket) => {
  (connections++ < Number(after) ? keyed : certified).emit('connection', socket);
}).listen(Number(pskPort), host);
