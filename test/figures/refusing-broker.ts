/**
 * A broker that refuses a share of its clients (CONNACK 5, not authorized), for an injected regression:
 * `node refusing-broker.ts HOST PLAIN_PORT TLS_PORT CERT KEY SHARE`.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';

const [host = '', plainPort, tlsPort, cert = '', key = '', share] = process.argv.slice(2);

const broker = await Aedes.createBroker({
  authenticate: (_client, _user, _password, done) => {
    const isLetIn = Math.random() >= Number(share);
    const refusal = Object.assign(new Error('not today'), { returnCode: 5 });
    done(isLetIn ? null : refusal, isLetIn);
  },
});
createServer({ noDelay: true }, broker.handle).listen(Number(plainPort), host);
createTlsServer(
  {
    cert: await readFile(cert),
    key: await readFile(key),
    minVersion: 'TLSv1.3',
    ecdhCurve: 'X25519',
    noDelay: true,
  },
  broker.handle,
).listen(Number(tlsPort), host);
