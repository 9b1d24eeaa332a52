import * as z from 'zod';
import { certificateNeedsSchema } from '../pki/needs.ts';
import { OWN_RUNTIME, RUNTIME_NAMES } from '../runtimes/index.ts';
import { SUITE_NAMES } from './suites.ts';

/** Key-exchange groups (RFC 8446 §4.2.7; the hybrids by draft-ietf-tls-ecdhe-mlkem), in OpenSSL's spelling. */
export const GROUPS = [
  'X25519',
  'P-256',
  'P-384',
  'X448',
  'X25519MLKEM768',
  'SecP256r1MLKEM768',
  'MLKEM768',
] as const;
export type Group = (typeof GROUPS)[number];

/** MQTT versions: protocol level 4 (OASIS MQTT 3.1.1 §3.1.2.2) and 5 (OASIS MQTT 5.0 §3.1.2.2). */
export const MQTT_VERSIONS = ['3.1.1', '5'] as const;
export type MqttVersion = (typeof MQTT_VERSIONS)[number];

/**
 * What a broker lets a client in by, beside TLS: nothing; a client identifier that it knows; a user name and a password
 * (OASIS MQTT 3.1.1 §3.1.3); both; the user that the identity of the client's certificate is mapped to.
 */
export const AUTHENTICATIONS = ['none', 'client-id', 'password', 'client-id-and-password', 'x509'] as const;
export type Authentication = (typeof AUTHENTICATIONS)[number];

/** What is wrong with what a client shows to be let in by. */
export const CREDENTIALS = ['valid', 'wrong-password', 'unknown-user', 'unknown-client-id'] as const;
export type Credentials = (typeof CREDENTIALS)[number];

const needs = certificateNeedsSchema.shape;

const axes = {
  key: needs.key.meta({ description: 'key of the certificates (default ecdsa-p256)' }),
  chain: needs.chain.meta({
    description: 'certificates that an end sends: its own and intermediates, never the root',
  }),
  padBytes: needs.padBytes.meta({ description: 'bytes that an extension adds to the certificate' }),
  suite: z.enum(SUITE_NAMES).meta({ description: 'cipher suite, by its IANA name' }),
  group: z.enum(GROUPS).meta({ description: 'key-exchange group' }),
  tickets: z.boolean().meta({
    description: 'false: the broker issues no session tickets (RFC 5077; RFC 8446 §4.6.1)',
  }),
  crlEntries: needs.crlEntries.unwrap().meta({
    description: 'revoked certificates in the list (CRL) that the broker checks',
  }),
  client: needs.client.meta({
    description: "the client's certificate; one that is not valid must be refused, and that is measured",
  }),
  auth: z.enum(AUTHENTICATIONS).meta({
    description:
      'what the broker lets clients in by, beside TLS; x509: the user that the client certificate is mapped to',
  }),
  credentials: z.enum(CREDENTIALS).meta({
    description: 'a client whose credentials are not valid must be refused, and that is measured',
  }),
  mqtt: z
    // YAML reads a bare 5 as a number.
    .union([z.enum(MQTT_VERSIONS), z.literal(5).transform(() => '5' as const)])
    .meta({ description: 'MQTT version that the clients speak' }),
  pipelined: z.boolean().meta({
    description: 'send PUBLISH with CONNECT, without waiting for CONNACK (OASIS MQTT 3.1.1 §3.1.4)',
  }),
  clientNoDelay: z.boolean().meta({ description: "false leaves Nagle's algorithm on at the client" }),
  clientRuntime: z
    .enum(RUNTIME_NAMES)
    .meta({ description: 'what the clients run on, and so their TLS stack' }),
};

export const axesSchema = z.strictObject(axes).partial();
/** What differs from a mode's defaults. */
export type Axes = z.infer<typeof axesSchema>;
export type AxisName = keyof Axes;
export const AXIS_NAMES = Object.keys(axes) as AxisName[];

/** Values that are a mode's defaults anyway: to ask for them changes nothing, not even the name. */
export const DEFAULTS = {
  key: 'ecdsa-p256',
  chain: 1,
  padBytes: 0,
  tickets: true,
  client: 'valid',
  auth: 'none',
  credentials: 'valid',
  mqtt: '3.1.1',
  pipelined: false,
  clientNoDelay: true,
  clientRuntime: OWN_RUNTIME,
} as const satisfies Axes;
