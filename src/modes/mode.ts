import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Theory } from '../model/theory.ts';
import type { BrokerMaterial, ClientMaterial } from '../pki/material.ts';

/** What a client puts on its connection; `undefined` in a mode means plain TCP. */
export interface TlsClient {
  /** For `tls.createSecureContext`: made once for each worker and shared by its clients. */
  context: SecureContextOptions;
  /** Offer this PSK instead of asking for a certificate. */
  psk?: { identity: string; key: Buffer };
}

/** What must have been negotiated; a connection that differs is excluded by name and count. */
export interface Expected {
  protocol: string | undefined;
  /** The IANA name of the cipher suite. */
  suite: string | undefined;
  /** The key-exchange group; undefined where the mode has none. */
  group: string | undefined;
  resumed: boolean;
  /** Both ends used the PSK, and no certificate was shown. */
  psk: boolean;
  /** The client verified the broker's certificate. */
  brokerCertificate: boolean;
  /** The broker verified the client's certificate. */
  clientCertificate: boolean;
}

/** A named way to secure the connection: one file each, in the list of `index.ts`. */
export interface Mode {
  name: string;
  /** A few words for tables and charts. */
  title: string;
  /** What it is and when one would use it, in a sentence or two. */
  description: string;
  theory: Theory;
  expected: Expected;
  client(material: ClientMaterial): TlsClient | undefined;
  broker(material: BrokerMaterial): TlsOptions | undefined;
}
