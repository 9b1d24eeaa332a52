import { constants } from 'node:crypto';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { BrokerMaterial, ClientMaterial } from '../pki/material.ts';
import { keyKind } from '../pki/keys.ts';
import type { KeyType } from '../pki/needs.ts';
import type { Security } from './family.ts';
import type { Mode, TlsClient } from './mode.ts';
import type { Suite } from './suites.ts';

/** A session must outlive the run that it is resumed in; 24 h is the most that RFC 5246 §F.1.4 advises. */
const SESSION_SECONDS = 24 * 3600;

/**
 * An OpenSSL configuration file (config(5), SSL_CONF_cmd(3)) by which no broker of a process issues tickets in TLS 1.3:
 * Node has no option for it, and SSL_OP_NO_TICKET makes them stateful only. For Node's `--openssl-config`.
 */
export const NO_TICKETS_CONFIG = `nodejs_conf = modules
[modules]
ssl_conf = tls
[tls]
system_default = defaults
[defaults]
NumTickets = 0
`;

/** Whether brokers of a mode must run in a process that has {@link NO_TICKETS_CONFIG}. */
export function needsNoTicketsConfig({ security, tickets }: Pick<Mode, 'security' | 'tickets'>): boolean {
  return security?.protocol === 'TLSv1.3' && !tickets;
}

/** What both ends of a mode agree on. */
export interface Parameters {
  security: Security;
  suite: Suite;
  group: string | undefined;
  key: KeyType;
  /** Whether the broker may issue session tickets. */
  tickets: boolean;
}

/** The TLS options of a client. */
export function clientOptions(parameters: Parameters, material: ClientMaterial): TlsClient {
  const { security } = parameters;
  const { authentication, refusedGroup } = security;
  const groups = [refusedGroup, parameters.group].filter((group) => group !== undefined);
  const context: SecureContextOptions = {
    ...common(parameters),
    ...groupList(parameters, groups),
    ...(isCertified(security) ? { ca: material.caPem } : {}),
    ...(authentication === 'mutual'
      ? { cert: material.identity.certPem, key: material.identity.keyPem }
      : {}),
  };
  return isCertified(security) ? { context } : { context, psk: material.psk };
}

/** The TLS options of a broker. */
export function brokerOptions(parameters: Parameters, material: BrokerMaterial): TlsOptions {
  const { security } = parameters;
  const { authentication, resumption } = security;
  const { identity, psk, caPem, crlPem } = material;
  const groups = [parameters.group].filter((group) => group !== undefined);
  return {
    ...common(parameters),
    // A broker that asks for a certificate must name its curve as well.
    ...groupList(parameters, groups, authentication === 'mutual'),
    sessionTimeout: SESSION_SECONDS,
    // In TLS 1.3 this makes tickets stateful only: what issues none there is {@link NO_TICKETS_CONFIG}.
    ...(resumption === 'session-id' || !parameters.tickets
      ? { secureOptions: constants.SSL_OP_NO_TICKET }
      : {}),
    ...(isCertified(security)
      ? { cert: identity.certPem, key: identity.keyPem }
      : { pskCallback: (_socket, given) => (given === psk.identity ? psk.key : null) }),
    // Of a group that OpenSSL chooses by the strength of the suite.
    ...(authentication === 'dhe-psk' ? { dhparam: 'auto' } : {}),
    ...(authentication === 'mutual' ? { ca: caPem, requestCert: true, rejectUnauthorized: true } : {}),
    ...(authentication === 'mutual' && crlPem !== undefined ? { crl: crlPem } : {}),
  };
}

/** Whether the broker shows a certificate. */
export function isCertified({ authentication }: Security): boolean {
  return authentication === 'certificate' || authentication === 'mutual';
}

/** What both ends have alike, whatever certificates they hold. */
export function sharedOptions(parameters: Parameters): SecureContextOptions {
  const { group } = parameters;
  return { ...common(parameters), ...groupList(parameters, group === undefined ? [] : [group]) };
}

function common({ security: { protocol }, suite }: Parameters): SecureContextOptions {
  return { minVersion: protocol, maxVersion: protocol, ciphers: suite.openssl };
}

function groupList(
  { security, key }: Parameters,
  groups: readonly string[],
  curves = true,
): SecureContextOptions {
  if (groups.length === 0) return {};
  // In TLS 1.2 a list of groups without the curve of the certificate fails every handshake (RFC 8422 §5.1.1).
  const named = security.protocol === 'TLSv1.2' && isCertified(security) && curves;
  const curve = named ? keyKind(key).curve : undefined;
  const all = [...groups, ...(curve === undefined || groups.includes(curve) ? [] : [curve])];
  return { ecdhCurve: all.join(':') };
}
