import { pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The form of mosquitto's password files: `user:$7$iterations$salt$hash`, salt and hash in base64, PBKDF2 with SHA-512
 * (mosquitto_passwd(1)). A broker keeps no password, only what it checks one by.
 */
const FORM = /^([^:]+):\$7\$(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** What mosquitto 2.0 makes: 101 iterations, a salt of 12 bytes and a hash of 64. */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

/** A line of a password file for a user, with a salt of its own. */
export function passwordLine(username: string, password: string): string {
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `${username}:$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** What a password file checks users by. Lines of another form are an error: nobody would be let in by them. */
export class PasswordFile {
  readonly #users: ReadonlyMap<string, { iterations: number; salt: Buffer; hash: Buffer }>;

  constructor(text: string) {
    const lines = text.split('\n').filter((line) => line !== '');
    this.#users = new Map(
      lines.map((line, index) => {
        const [, user = '', iterations = '', salt = '', hash = ''] = FORM.exec(line) ?? [];
        if (user === '') throw new RangeError(`Line ${index + 1} of the password file is not user:$7$…`);
        const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
        return [user, { iterations: Number(iterations), salt: bytes(salt), hash: bytes(hash) }];
      }),
    );
  }

  has(username: string): boolean {
    return this.#users.has(username);
  }

  accepts(username: string, password: string): boolean {
    const known = this.#users.get(username);
    if (known === undefined) return false;
    const { iterations, salt, hash } = known;
    return timingSafeEqual(pbkdf2Sync(password, salt, iterations, hash.length, 'sha512'), hash);
  }
}
