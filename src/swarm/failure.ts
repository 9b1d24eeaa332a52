import { ReasonCodes, type IConnackPacket } from 'mqtt';
import type { RefusedAt } from './targets.ts';

/** Why an attempt did not reach its last milestone. */
export interface Failure {
  /** Stable and countable, such as `tcp-refused` or `tls:ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
  reason: string;
  detail: string;
}

/** The broker ended the connection and gave no reason. */
export const CLOSED: Failure = {
  reason: 'closed-by-broker',
  detail: 'The connection was closed before the attempt was done.',
};

const BY_CODE: Record<string, string> = {
  ECONNREFUSED: 'tcp-refused',
  ECONNRESET: 'tcp-reset',
  EPIPE: 'tcp-reset',
  ETIMEDOUT: 'tcp-timeout',
};

/** Names an error of a socket, of TLS or of the MQTT client. */
export function failureOf(error: Error & { code?: string | number; syscall?: string }): Failure {
  const { code, message, syscall } = error;
  if (typeof code === 'number') return { reason: `connack:${connackCode(code)}`, detail: message };
  if (code === undefined) return { reason: 'client-error', detail: message };
  // Node names an orderly end before the handshake is done ECONNRESET too; no system call reported that one.
  if (code === 'ECONNRESET' && syscall === undefined) return { reason: 'closed-by-broker', detail: message };
  if (code === 'EPROTO') return { reason: `tls:${opensslCode(message)}`, detail: message.trim() };
  const known = BY_CODE[code];
  if (known !== undefined) return { reason: known, detail: message };
  const tls = /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|CRL_|DEPTH_|HOSTNAME_|INVALID_|SELF_|UNABLE_)/.test(code);
  return { reason: `${tls ? 'tls' : 'client'}:${code}`, detail: message };
}

/** What a CONNACK that refuses says, as mqtt.js would. */
export function connackFailure({ reasonCode, returnCode }: IConnackPacket): Failure {
  const code = reasonCode ?? returnCode ?? 0;
  const names: Record<number, string> = ReasonCodes;
  return {
    reason: `connack:${connackCode(code)}`,
    detail: `Connection refused: ${names[code] ?? 'no reason given'}`,
  };
}

/** Return codes of MQTT 3.1.1 end at 5; the reason codes of MQTT 5 that refuse begin at 0x80, and are written so there. */
function connackCode(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16)}`;
}

/** A write that meets an alert is told in OpenSSL's words alone; this is the code that a read would have had. */
function opensslCode(message: string): string {
  const words = /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  return words === undefined ? 'EPROTO' : `ERR_SSL_${words.toUpperCase().replaceAll(/\W+/g, '_')}`;
}

/** How a broker says no at each step: an alert or the end of the connection, or a packet with a code. */
const REFUSALS: Record<RefusedAt, RegExp> = {
  handshake: /^(?:closed-by-broker|tcp-reset|tls:.*ALERT.*)$/,
  connect: /^connack:/,
  // MQTT 3.1.1 §3.3.5 leaves a broker no other no to PUBLISH than to close.
  publish: /^(?:closed-by-broker|tcp-reset|(?:puback|pubrec|disconnect):.*)$/,
  subscribe: /^suback:/,
};

/** Whether a failure is how a broker says no at a step. */
export function isRefusal({ reason }: Failure, at: RefusedAt): boolean {
  return REFUSALS[at].test(reason);
}
