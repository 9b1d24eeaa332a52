/** The DNS name that every broker certificate of a run carries and every client verifies. */
export const BROKER_NAME = 'broker.mqtt-tls-bench.test';

/** The common name of the client certificate. */
export const CLIENT_NAME = 'device.mqtt-tls-bench.test';

/** A certificate with its private key, both PEM. */
export interface Identity {
  certPem: string;
  keyPem: string;
}

/** A pre-shared key and the identity under which both ends know it (RFC 4279, RFC 8446 §4.2.11). */
export interface PreSharedKey {
  identity: string;
  key: Buffer;
}

/** What a broker holds: its own certificate, the CA that its clients are verified against, the PSK. */
export interface BrokerMaterial {
  caPem: string;
  identity: Identity;
  psk: PreSharedKey;
  /** The list of revoked certificates that it checks its clients against. */
  crlPem?: string;
}

/** What a client holds: the CA that the broker is verified against, its own certificate, the PSK. */
export interface ClientMaterial {
  caPem: string;
  identity: Identity;
  psk: PreSharedKey;
}
