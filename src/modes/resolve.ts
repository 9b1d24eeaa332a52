import { keyKind } from '../pki/keys.ts';
import { DEFAULT_NEEDS } from '../pki/needs.ts';
import { runtimeNamed } from '../runtimes/index.ts';
import {
  AXIS_NAMES,
  DEFAULTS,
  type Authentication,
  type Axes,
  type AxisName,
  type Credentials,
} from './axes.ts';
import { brokerOptions, clientOptions, isCertified, sharedOptions, type Parameters } from './configure.ts';
import type { Family, Security } from './family.ts';
import { pipelined, refusedAtConnect, refusedInHandshake, withoutTickets } from './flights.ts';
import type { Expected, Mode } from './mode.ts';
import { defaultSuite, suiteNamed, type Suite } from './suites.ts';

/** The name of a family with axes: `tls13+key=rsa-2048+chain=3`. Axes at their defaults are not in it. */
export function modeId(family: string, axes: Axes): string {
  const parts = AXIS_NAMES.filter((name) => unusual(name, axes)).map(
    (name) => `${name}=${String(axes[name])}`,
  );
  return [family, ...parts].join('+');
}

/** A family with its axes settled. Throws a RangeError for axes that it does not have; see {@link axesProblem}. */
export function resolveMode(family: Family, axes: Axes): Mode {
  const problem = axesProblem(family, axes);
  if (problem !== undefined) throw new RangeError(`${family.name}: ${problem}`);
  const { security } = family;
  const parameters = security === undefined ? undefined : parametersOf(security, axes);
  const refusedAt = refusalOf(axes);
  const isPipelined = axes.pipelined ?? DEFAULTS.pipelined;
  const { theory } = family;
  const tickets = axes.tickets ?? DEFAULTS.tickets;
  const usual = tickets ? theory.flights : withoutTickets(theory.flights);
  const flights = isPipelined ? pipelined(usual) : usual;
  return {
    ...family,
    name: modeId(family.name, axes),
    title: [family.title, ...titleParts(axes)].join(', '),
    family: family.name,
    axes,
    theory: {
      ...theory,
      flights:
        refusedAt === 'handshake'
          ? refusedInHandshake(usual)
          : refusedAt === 'connect'
            ? refusedAtConnect(flights)
            : flights,
    },
    expected: expectedOf(security, parameters, axes),
    needs: {
      key: axes.key ?? DEFAULT_NEEDS.key,
      chain: axes.chain ?? DEFAULT_NEEDS.chain,
      padBytes: axes.padBytes ?? DEFAULT_NEEDS.padBytes,
      client: axes.client ?? DEFAULT_NEEDS.client,
      ...(axes.crlEntries === undefined ? {} : { crlEntries: axes.crlEntries }),
    },
    resumption: security?.resumption,
    refusedAt,
    auth: axes.auth ?? DEFAULTS.auth,
    credentials: axes.credentials ?? DEFAULTS.credentials,
    tickets,
    mqtt: axes.mqtt ?? DEFAULTS.mqtt,
    pipelined: isPipelined,
    clientRuntime: axes.clientRuntime ?? DEFAULTS.clientRuntime,
    context: parameters === undefined ? undefined : sharedOptions(parameters),
    client: (material) => (parameters === undefined ? undefined : clientOptions(parameters, material)),
    broker: (material) => (parameters === undefined ? undefined : brokerOptions(parameters, material)),
  };
}

/** Why a family has no such axes, or not together; undefined when it has. */
export function axesProblem(family: Family, axes: Axes): string | undefined {
  return tlsProblem(family, axes) ?? authProblem(family, axes);
}

function tlsProblem({ security }: Family, axes: Axes): string | undefined {
  const asked = AXIS_NAMES.filter((name) => axes[name] !== undefined);
  const lacking = (names: readonly AxisName[], why: string): string | undefined => {
    const found = asked.find((name) => names.includes(name));
    return found === undefined ? undefined : `it has no \`${found}\`: ${why}`;
  };
  if (security === undefined) {
    return lacking(
      ['key', 'chain', 'padBytes', 'suite', 'group', 'tickets', 'crlEntries', 'client'],
      'there is no TLS',
    );
  }
  const { authentication, protocol, group, refusedGroup, resumption } = security;
  return (
    (isCertified(security)
      ? undefined
      : lacking(['key', 'chain', 'padBytes'], 'nobody shows a certificate')) ??
    (authentication === 'mutual'
      ? undefined
      : lacking(['crlEntries', 'client'], 'the client shows no certificate')) ??
    (group === undefined ? lacking(['group'], 'no named group is negotiated') : undefined) ??
    (resumption !== undefined && (axes.client ?? 'valid') !== 'valid'
      ? 'a client that is refused has no session to resume'
      : undefined) ??
    (resumption === 'ticket' && axes.tickets === false
      ? 'without `tickets` there is nothing to resume by'
      : undefined) ??
    (resumption === 'session-id' && axes.tickets === true
      ? 'with `tickets` it would not be resumed by session ID'
      : undefined) ??
    (protocol === 'TLSv1.2' && axes.key !== undefined && keyKind(axes.key).tls12 === undefined
      ? `\`key\` ${axes.key} needs TLS 1.3`
      : undefined) ??
    (protocol === 'TLSv1.2' && axes.group?.includes('MLKEM') === true
      ? `\`group\` ${axes.group} needs TLS 1.3`
      : undefined) ??
    (axes.group !== undefined && axes.group === refusedGroup
      ? `\`group\` ${axes.group} is the one that the broker refuses`
      : undefined) ??
    suiteProblem(security, axes)
  );
}

/** Which ways of authentication have what can be wrong with them. */
const CAN_BE_WRONG: Record<Exclude<Credentials, 'valid'>, readonly Authentication[]> = {
  'wrong-password': ['password', 'client-id-and-password'],
  'unknown-user': ['password', 'client-id-and-password', 'x509'],
  'unknown-client-id': ['client-id', 'client-id-and-password'],
};

function authProblem({ security }: Family, axes: Axes): string | undefined {
  const { auth = DEFAULTS.auth, credentials = DEFAULTS.credentials, client = DEFAULTS.client } = axes;
  if (auth === 'x509' && security?.authentication !== 'mutual')
    return '`auth` x509 maps the identity of the client certificate to a user, and the client shows none; the mutual modes (mtls12, mtls13 and their kin) have one';
  if (credentials === 'valid') return undefined;
  const ways = CAN_BE_WRONG[credentials];
  if (!ways.includes(auth))
    return `\`credentials\` ${credentials} are refused where \`auth\` is ${ways.join(' or ')}, not ${auth}`;
  return client === 'valid' ? undefined : 'a client that TLS refuses comes to show no `credentials`';
}

function refusalOf({
  client = DEFAULTS.client,
  credentials = DEFAULTS.credentials,
}: Axes): Mode['refusedAt'] {
  if (client !== 'valid') return 'handshake';
  return credentials === 'valid' ? undefined : 'connect';
}

function suiteProblem(security: Security, axes: Axes): string | undefined {
  if (axes.suite === undefined) return undefined;
  const { protocol, authentication } = suiteNamed(axes.suite);
  if (protocol !== security.protocol) return `\`suite\` ${axes.suite} is one of ${protocol}`;
  const wanted = suiteAuthentication(security, axes);
  if (authentication !== wanted) return `\`suite\` ${axes.suite} is for ${authentication}, not for ${wanted}`;
  // OpenSSL takes a PSK that comes by callback for one of SHA-256 (RFC 8446 §4.2.11).
  return security.authentication === 'psk' && axes.suite.endsWith('SHA384')
    ? `\`suite\` ${axes.suite} needs a PSK of SHA-384`
    : undefined;
}

function parametersOf(security: Security, axes: Axes): Parameters {
  return {
    security,
    suite: suiteOf(security, axes),
    group: axes.group ?? security.group,
    tickets: axes.tickets ?? DEFAULTS.tickets,
    key: axes.key ?? DEFAULTS.key,
  };
}

function suiteOf(security: Security, axes: Axes): Suite {
  const named = axes.suite ?? security.suite;
  return named === undefined
    ? defaultSuite(security.protocol, suiteAuthentication(security, axes))
    : suiteNamed(named);
}

function suiteAuthentication({ protocol, authentication }: Security, axes: Axes): Suite['authentication'] {
  if (protocol === 'TLSv1.3') return 'any';
  if (authentication !== 'certificate' && authentication !== 'mutual') return authentication;
  // Ed25519 signs in the suites of ECDSA (RFC 8422 §5.10).
  return keyKind(axes.key ?? DEFAULTS.key).tls12 === 'RSA' ? 'rsa' : 'ecdsa';
}

function expectedOf(
  security: Security | undefined,
  parameters: Parameters | undefined,
  {
    clientNoDelay = DEFAULTS.clientNoDelay,
    clientRuntime = DEFAULTS.clientRuntime,
    tickets = DEFAULTS.tickets,
    auth = DEFAULTS.auth,
  }: Axes,
): Expected {
  // An abbreviated handshake of TLS 1.2 exchanges no keys.
  const exchanges = security?.protocol === 'TLSv1.3' || security?.resumption === undefined;
  return {
    protocol: security?.protocol,
    suite: parameters?.suite.name,
    group: exchanges ? parameters?.group : undefined,
    resumed: security?.resumption !== undefined,
    helloRetryRequest: security?.refusedGroup !== undefined,
    ticket:
      security?.resumption === 'ticket'
        ? 'held'
        : security?.resumption === 'session-id' || !tickets
          ? 'none'
          : undefined,
    psk: security !== undefined && !isCertified(security),
    // A session that is resumed stands for the certificate that was verified when it began; the client keeps no copy,
    // the broker's ticket has the client's in it.
    brokerCertificate: security !== undefined && isCertified(security) && security.resumption === undefined,
    clientCertificate: security?.authentication === 'mutual',
    authenticated: auth === 'none' ? undefined : auth,
    clientNoDelay,
    untold: runtimeNamed(clientRuntime).untold,
  };
}

const AUTHENTICATION_WORDS: Record<Authentication, string> = {
  none: 'no authentication',
  'client-id': 'client identifier',
  password: 'user name and password',
  'client-id-and-password': 'client identifier, user name and password',
  x509: 'X.509 identity',
};

function titleParts(axes: Axes): string[] {
  const { key, chain, padBytes, suite, group, tickets, crlEntries, client, mqtt } = axes;
  const { auth, credentials, clientNoDelay, clientRuntime } = axes;
  return [
    unusual('key', axes) ? key : undefined,
    unusual('chain', axes) ? `chain of ${chain}` : undefined,
    unusual('padBytes', axes) ? `padded by ${padBytes} bytes` : undefined,
    suite,
    group,
    tickets === false ? 'no tickets' : undefined,
    crlEntries === undefined ? undefined : `CRL of ${crlEntries}`,
    unusual('client', axes) ? `${client} client` : undefined,
    unusual('auth', axes) && auth !== undefined ? AUTHENTICATION_WORDS[auth] : undefined,
    unusual('credentials', axes) ? credentials?.replaceAll('-', ' ') : undefined,
    unusual('mqtt', axes) ? `MQTT ${mqtt}` : undefined,
    axes.pipelined === true ? 'pipelined' : undefined,
    clientNoDelay === false ? 'Nagle at the client' : undefined,
    unusual('clientRuntime', axes) && clientRuntime !== undefined
      ? `client on ${runtimeNamed(clientRuntime).title}`
      : undefined,
  ].filter((part) => part !== undefined);
}

/** Whether an axis is asked for with another value than the default. */
function unusual(name: AxisName, axes: Axes): boolean {
  const usual: Axes = DEFAULTS;
  return axes[name] !== undefined && axes[name] !== usual[name];
}
