/** The DNS name that every broker certificate of a run carries and every client verifies. */
export const BROKER_NAME = 'broker.mqtt-tls-bench.test';

/** The common name of the client certificate. */
export const CLIENT_NAME = 'device.mqtt-tls-bench.test';

/** A private key and what an end shows of it, both PEM. */
export interface Identity {
  /** Its certificate, then those of the intermediate authorities; never the root's. */
  certPem: string;
  keyPem: string;
}

/** A pre-shared key and the identity under which both ends know it (RFC 4279, RFC 8446 §4.2.11). */
export interface PreSharedKey {
  identity: string;
  key: Buffer;
}

/** What a broker holds: its own certificates, the root that its clients are verified against, the PSK. */
export interface BrokerMaterial {
  /** The root of the clients, which is not the root of {@link ClientMaterial}. */
  caPem: string;
  /**
   * The revocation lists that clients are checked against, one for each authority above them: the form of the option
   * `crl` of `node:tls`, which reads one list alone from each string. Absent: clients are not checked.
   */
  crlPem?: string[];
  identity: Identity;
  psk: PreSharedKey;
}

/** What a client holds: the root that the broker is verified against, its own certificates, the PSK. */
export interface ClientMaterial {
  /** The root of the broker, which is not the root of {@link BrokerMaterial}. */
  caPem: string;
  identity: Identity;
  psk: PreSharedKey;
}
