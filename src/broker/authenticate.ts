import type { Negotiated } from '../measure/negotiated.ts';
import type { Mode } from '../modes/mode.ts';
import type { KnownClients } from '../pki/credentials.ts';

/** What a client shows in CONNECT, and in its certificate once that was verified. */
export interface Shown {
  clientId: string;
  username: string | undefined;
  password: string | undefined;
  /** The common name of its certificate; undefined where it showed none that was verified. */
  peerName: string | undefined;
}

/** Return codes of CONNACK (OASIS MQTT 3.1.1 §3.2.2.3, table 3.1) by which a broker refuses. */
const CONNACK_REFUSALS = {
  identifierRejected: 2,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** What a broker made of what a client shows. */
export interface Checked {
  /** What was checked; undefined: nothing was asked for. */
  authenticated: Negotiated['authenticated'];
  /** By which the client is refused; undefined: it is let in. */
  refusal: (typeof CONNACK_REFUSALS)[keyof typeof CONNACK_REFUSALS] | undefined;
  /** Who it is from now on; undefined where nobody asked. */
  user: string | undefined;
}

/** What the listener of a mode knows: where the certificate is to be a stranger's, nobody's identity is mapped. */
export function knownTo(
  { auth, credentials }: Pick<Mode, 'auth' | 'credentials'>,
  known: KnownClients,
): KnownClients {
  return auth === 'x509' && credentials === 'unknown-user' ? { ...known, usersByName: new Map() } : known;
}

/** Checks what a client shows by what its listener's mode asks for, the client identifier first. */
export function authenticate({ auth }: Pick<Mode, 'auth'>, known: KnownClients, shown: Shown): Checked {
  const refused = (refusal: NonNullable<Checked['refusal']>): Checked => ({
    authenticated: auth === 'none' ? undefined : auth,
    refusal,
    user: undefined,
  });
  const { clientId, username, password, peerName } = shown;
  if (auth === 'none') return { authenticated: undefined, refusal: undefined, user: undefined };
  if (auth === 'x509') {
    const user = peerName === undefined ? undefined : known.usersByName.get(peerName);
    if (user === undefined) return refused(CONNACK_REFUSALS.notAuthorized);
    return { authenticated: auth, refusal: undefined, user };
  }
  const byId = auth === 'client-id' || auth === 'client-id-and-password';
  const byPassword = auth === 'password' || auth === 'client-id-and-password';
  if (byId && !clientId.startsWith(known.clientIdPrefix)) return refused(CONNACK_REFUSALS.identifierRejected);
  if (byPassword) {
    if (username === undefined || password === undefined || !known.passwords.accepts(username, password))
      return refused(CONNACK_REFUSALS.badUserNameOrPassword);
  }
  return { authenticated: auth, refusal: undefined, user: byPassword ? username : undefined };
}
