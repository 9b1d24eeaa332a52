import { expect, test } from 'vitest';
import { flightDiagram } from '../../src/commands/flight-diagram.ts';
import { MODE_NAMES, modeNamed } from '../../src/modes/index.ts';
import { callIn } from '../helpers/cli.ts';

test('lists the modes with their trips', async () => {
  const { code, stdout, stderr } = await callIn('.', 'modes');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "mode                   title                             first data  CONNACK  PUBLISH  what it is
    plain                  plain TCP                                  3        4        5  MQTT over TCP without any security: the floor that every other mode is measured against.
    tls12                  TLS 1.2                                    7        8        9  A full TLS 1.2 handshake; the broker shows a certificate, which the client verifies.
    tls13                  TLS 1.3                                    5        6        7  A full TLS 1.3 handshake; the broker shows a certificate, which the client verifies.
    tls12-psk              TLS 1.2 PSK                                7        8        9  TLS 1.2 with a plain pre-shared key: no certificates and no key exchange, so it saves bytes and CPU, never trips; without forward secrecy.
    tls12-psk-ccm8         TLS 1.2 PSK, CCM_8                         7        8        9  TLS 1.2 with a plain pre-shared key and the suite that constrained devices must have (CoAP, LwM2M): a tag of 8 bytes saves 8 bytes in each record.
    tls12-ecdhe-psk        TLS 1.2 ECDHE-PSK                          7        8        9  TLS 1.2 with a pre-shared key and an ephemeral elliptic-curve key exchange: no certificates, with forward secrecy.
    tls12-dhe-psk          TLS 1.2 DHE-PSK                            7        8        9  TLS 1.2 with a pre-shared key and a finite-field key exchange: forward secrecy at tens of times the CPU of elliptic curves, and what OpenSSL prefers when no suite is named.
    tls13-psk              TLS 1.3 PSK                                5        6        7  TLS 1.3 with an external pre-shared key and an ephemeral key exchange (psk_dhe_ke): no certificates, with forward secrecy.
    mtls12                 mutual TLS 1.2                             7        8        9  TLS 1.2 where the client shows a certificate too, and the broker verifies it.
    mtls13                 mutual TLS 1.3                             5        6        7  TLS 1.3 where the client shows a certificate too. The client believes itself done before the broker has verified it: only CONNACK is proof.
    tls12-resumed-id       TLS 1.2 resumed by session ID              5        6        7  An abbreviated TLS 1.2 handshake: both ends remember an earlier session, the broker in a cache of its own.
    tls12-resumed-ticket   TLS 1.2 resumed by ticket                  5        6        7  An abbreviated TLS 1.2 handshake: the client gives back a ticket that holds the session, so the broker remembers nothing.
    mtls12-resumed-ticket  mutual TLS 1.2 resumed by ticket           5        6        7  A mutual TLS 1.2 session resumed by its ticket, which holds who the client is: neither end shows a certificate again.
    tls13-resumed          TLS 1.3 resumed                            5        6        7  TLS 1.3 with the PSK of an earlier session’s ticket and a new key exchange (psk_dhe_ke): as many trips as a full handshake, without certificates.
    mtls13-resumed         mutual TLS 1.3 resumed                     5        6        7  A mutual TLS 1.3 session resumed by its ticket, which holds who the client is: neither end shows a certificate again.
    tls13-hrr              TLS 1.3 with HelloRetryRequest             7        8        9  TLS 1.3 where the broker does not have the group of the client’s key share and asks for another one: as slow as TLS 1.2.
    tls13-x25519           TLS 1.3, X25519                            5        6        7  TLS 1.3 with the X25519 group, which most stacks prefer without post-quantum keys; \`tls13\` under a name that says so.
    tls13-p256             TLS 1.3, P-256                             5        6        7  TLS 1.3 with the group that every stack must have (RFC 8446 §9.1), and that security elements and old hardware compute.
    tls13-mlkem            TLS 1.3, X25519MLKEM768                    5        6        7  TLS 1.3 with the post-quantum hybrid group: safe against who records now and decrypts later, for some 1.1 kB more in each direction.

    Figures are one-way trips from the client's SYN: until the broker holds the first byte of CONNECT, until the client
    holds CONNACK, until the broker holds the first PUBLISH when the client waits for CONNACK."
  `);
});

test('describes one mode', async () => {
  const { code, stdout } = await callIn('.', 'modes', 'tls13-psk');
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "tls13-psk: TLS 1.3 PSK
    TLS 1.3 with an external pre-shared key and an ephemeral key exchange (psk_dhe_ke): no certificates, with forward secrecy.

    Flights: the one-way trips before each leaves, and until it is there
     trips  client                                     broker
         0    │ SYN                                        │
              ├───────────────────────────────────────────▶│  1: tcpAccepted
         1    │                                    SYN-ACK │
              │◀───────────────────────────────────────────┤  2: tcpConnected
         2    │ ClientHello (key share, PSK)               │
              ├───────────────────────────────────────────▶│  3
         3    │              ServerHello (key share, PSK), │
              │              EncryptedExtensions, Finished │
              │◀───────────────────────────────────────────┤  4: clientHandshakeDone
         4    │ Finished, CONNECT                          │
              ├───────────────────────────────────────────▶│  5: serverHandshakeDone
              │                                            │     connectReceived
         5    │                  NewSessionTicket, CONNACK │
              │◀───────────────────────────────────────────┤  6: connackReceived

    One-way trips from the client's SYN (QoS 1; the client waits for CONNACK)
       tcpAccepted           1  the connection request is at the broker, whose TCP answers it (SYN-ACK leaves)
       tcpConnected          2  the client holds the TCP SYN-ACK
       serverHandshakeDone   5  the broker finished the TLS handshake
       clientHandshakeDone   4  the client finished the TLS handshake
       connectReceived       5  first data: the broker holds the first byte of CONNECT
       connackSent           5  the broker wrote CONNACK
       connackReceived       6  the client holds CONNACK
       subackReceived        8  the client holds SUBACK
       publishReceived       7  the broker holds the first PUBLISH
       delivered             8  a standing subscriber one trip away holds the message
       pubackReceived        8  the client holds PUBACK (QoS 1)
       pubrecReceived        8  the client holds PUBREC (QoS 2)
       pubcompReceived      10  the client holds PUBCOMP (QoS 2)

    What must be negotiated; a connection that differs is excluded and counted
       protocol                     TLSv1.3
       cipher suite                 TLS_AES_128_GCM_SHA256
       key-exchange group           X25519
       session resumed              no
       pre-shared key               yes
       broker certificate verified  no
       client certificate verified  no
       Nagle's algorithm            off at both ends
       MQTT                         3.1.1

    Sources
      RFC 8446 §2.2, §4.2.11
      RFC 9258"
  `);
});

test('--json prints one document, of all modes or of one', async () => {
  const all = JSON.parse((await callIn('.', 'modes', '--json')).stdout) as { name: string }[];
  expect(all.map(({ name }) => name)).toEqual(MODE_NAMES);
  const one = JSON.parse((await callIn('.', 'modes', 'tls12', '--json')).stdout) as object;
  expect(one).toEqual(all.find(({ name }) => name === 'tls12'));
  expect(one).toMatchObject({ trips: { connectReceived: 7, connackReceived: 8, publishReceived: 9 } });
});

test('a mode may have axes in its name', async () => {
  const { code, stdout } = await callIn(
    '.',
    'modes',
    'tls12+key=rsa-2048+pipelined=true+clientNoDelay=false',
  );
  expect(code).toBe(0);
  expect(stdout).toContain(
    'tls12+key=rsa-2048+pipelined=true+clientNoDelay=false: TLS 1.2, rsa-2048, pipelined',
  );
  expect(stdout).toContain(`
     6    │ CONNECT, PUBLISH                           │
          ├───────────────────────────────────────────▶│  7: connectReceived
          │                                            │     publishReceived
`);
  expect(stdout).toMatch(/certificates +rsa-2048, no intermediate/);
  expect(stdout).toMatch(/Nagle's algorithm +on at the client/);
});

test('tickets and the MQTT version are axes that its page tells', async () => {
  const { stdout } = await callIn('.', 'modes', 'tls12+tickets=false+mqtt=5');
  expect(stdout).toContain('tls12+tickets=false+mqtt=5: TLS 1.2, no tickets, MQTT 5');
  expect(stdout).not.toContain('NewSessionTicket');
  expect(stdout).toMatch(/session ticket +none/);
  expect(stdout).toMatch(/MQTT +5/);
});

test.each(MODE_NAMES)('the diagram of %s fits 80 characters, with every message and milestone', (name) => {
  const { theory } = modeNamed(name);
  const diagram = flightDiagram(theory);
  for (const line of diagram.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  for (const { sends, arrives } of theory.flights)
    for (const text of [...sends, ...arrives]) expect(diagram).toContain(text);
  expect(diagram.match(/[▶◀]/g)).toHaveLength(theory.flights.length);
});

test.each([
  ['tls14', 'There is no mode "tls14"; did you mean'],
  ['tls13+chian=2', 'There is no axis "chian" in "tls13+chian=2"; did you mean "chain"?'],
  ['tls13+chain=99', 'chain: Too big'],
  ['plain+key=rsa-2048', 'there is no TLS'],
  ['plain+mqtt=3.1', 'The mode "plain+mqtt=3.1": mqtt: Invalid'],
  ['tls13-resumed+tickets=false', 'nothing to resume by'],
])('%s is a usage error', async (name, message) => {
  const { code, stderr } = await callIn('.', 'modes', name);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
