import { expect, it } from 'vitest';
import { failureOf } from '../../src/swarm/failure.ts';

function error(message: string, facts: { code?: string | number; syscall?: string }): Error {
  return Object.assign(new Error(message), facts);
}

it.each([
  ['tcp-refused', error('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })],
  ['tcp-reset', error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })],
  ['tcp-reset', error('write EPIPE', { code: 'EPIPE', syscall: 'write' })],
  // Node's words for a broker that hung up during the handshake; no packet was reset.
  ['closed-by-broker', error('Client network socket disconnected before …', { code: 'ECONNRESET' })],
  ['connack:5', error('Connection refused: Not authorized', { code: 5 })],
  // A reason code of MQTT 5.
  ['connack:0x87', error('Connection refused: Not authorized', { code: 0x87 })],
  ['tls:CERT_HAS_EXPIRED', error('certificate has expired', { code: 'CERT_HAS_EXPIRED' })],
  ['tls:INVALID_PURPOSE', error('unsuitable certificate purpose', { code: 'INVALID_PURPOSE' })],
  [
    'tls:ERR_TLS_CERT_ALTNAME_INVALID',
    error('Hostname/IP does not match', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
  ],
  [
    'tls:ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    error(
      'write EPROTO 40334862:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../rec_layer_s3.c:918:SSL alert number 70\n',
      { code: 'EPROTO', syscall: 'write' },
    ),
  ],
  ['tls:EPROTO', error('write EPROTO', { code: 'EPROTO', syscall: 'write' })],
  ['client:EMFILE', error('too many open files', { code: 'EMFILE' })],
  ['client-error', error('something else', {})],
])('%s', (reason, thrown) => {
  expect(failureOf(thrown)).toEqual({ reason, detail: thrown.message.trim() });
});
