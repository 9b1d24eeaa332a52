import type { Mode } from '../modes/mode.ts';
import { readCredentials, strangerTo, type ClientCredentials } from '../pki/credentials.ts';
import type { TargetInput } from '../swarm/targets.ts';

/** Hands out what the clients of each mode show the broker, of the run's one set of credentials or of a stranger's. */
export class CredentialDesk {
  readonly #known: ClientCredentials;
  readonly #stranger: ClientCredentials;

  constructor(known: ClientCredentials) {
    this.#known = known;
    this.#stranger = strangerTo(known);
  }

  static async open(pkiFolder: string): Promise<CredentialDesk> {
    return new CredentialDesk(await readCredentials(pkiFolder));
  }

  showsOf({ auth, credentials }: Mode): Pick<TargetInput, 'credentials' | 'clientIdPrefix'> {
    const own = (name: keyof ClientCredentials, wrongIf: Mode['credentials']): string =>
      (credentials === wrongIf ? this.#stranger : this.#known)[name];
    const password = auth === 'password' || auth === 'client-id-and-password';
    const clientId = auth === 'client-id' || auth === 'client-id-and-password';
    return {
      ...(password
        ? {
            credentials: {
              username: own('username', 'unknown-user'),
              password: own('password', 'wrong-password'),
            },
          }
        : {}),
      ...(clientId ? { clientIdPrefix: own('clientIdPrefix', 'unknown-client-id') } : {}),
    };
  }
}
