import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { BrokerMaterial, ClientMaterial } from '../pki/material.ts';
import type { CertificateNeeds } from '../pki/needs.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import type { Authentication, Axes, Credentials, MqttVersion } from './axes.ts';
import type { Family } from './family.ts';

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
  helloRetryRequest: boolean;
  /** Whether the client must hold a session ticket in the end; where none is asked for, that is the broker's matter. */
  ticket: 'held' | 'none' | undefined;
  /** Both ends used the PSK, and no certificate was shown. */
  psk: boolean;
  /** The client verified the broker's certificate. */
  brokerCertificate: boolean;
  /** The broker verified the client's certificate. */
  clientCertificate: boolean;
  /** What the broker must have let the client in by; undefined: nothing. */
  authenticated: Exclude<Authentication, 'none'> | undefined;
  clientNoDelay: boolean;
  /** What the client's runtime does not tell. */
  untold: readonly ('group' | 'ticket')[];
}

/** A family with its axes settled: all that client, broker and model need to know of it. */
export interface Mode extends Family {
  /** The family's name and the axes that differ from its defaults: `tls13+key=rsa-2048+chain=3`. */
  name: string;
  family: string;
  axes: Axes;
  expected: Expected;
  needs: CertificateNeeds;
  /** What earlier sessions are resumed by; the clients must be given one each before. */
  resumption: 'session-id' | 'ticket' | undefined;
  /** Where the broker must refuse the client, for that is what is measured; undefined: nowhere. */
  refusedAt: 'handshake' | 'connect' | undefined;
  /** What the broker lets clients in by, beside TLS. */
  auth: Authentication;
  /** What is wrong with what the clients show. */
  credentials: Credentials;
  /** Whether the broker may issue session tickets. */
  tickets: boolean;
  /** The MQTT version that the clients speak. */
  mqtt: MqttVersion;
  /** PUBLISH leaves with CONNECT. */
  pipelined: boolean;
  /** What its clients run on, by its name in `runtimes/`. */
  clientRuntime: RuntimeName;
  /** Versions, suite and groups, without certificates or keys; undefined on plain TCP. */
  context: SecureContextOptions | undefined;
  client(material: ClientMaterial): TlsClient | undefined;
  broker(material: BrokerMaterial): TlsOptions | undefined;
}
