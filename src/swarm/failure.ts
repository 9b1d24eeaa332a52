/** Why an attempt did not reach its last milestone. */
export interface Failure {
  /** Stable and countable, such as `tcp-refused` or `tls:ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
  reason: string;
  detail: string;
}

const BY_CODE: Record<string, string> = {
  ECONNREFUSED: 'tcp-refused',
  ECONNRESET: 'tcp-reset',
  EPIPE: 'tcp-reset',
  ETIMEDOUT: 'tcp-timeout',
};

/** Names an error of a socket, of TLS or of the MQTT client. */
export function failureOf(error: Error & { code?: string | number }): Failure {
  const { code, message } = error;
  if (typeof code === 'number') return { reason: `connack:${code}`, detail: message };
  if (code === undefined) return { reason: 'client-error', detail: message };
  const known = BY_CODE[code];
  if (known !== undefined) return { reason: known, detail: message };
  const tls = /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_|SELF_|UNABLE_|ERR_OSSL)/.test(code);
  return { reason: `${tls ? 'tls' : 'client'}:${code}`, detail: message };
}
