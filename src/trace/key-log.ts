/** RFC 9850 (the NSS key log format): one secret a line, as `LABEL CLIENT_RANDOM SECRET`, the latter two in hexadecimal. */
const LINE = /^(\w+) ([0-9a-f]{64}) ([0-9a-f]+)$/i;

/** The secrets of a TLS key log. */
export class KeyLog {
  readonly #secrets = new Map<string, Buffer>();

  /** Lines that are no secrets, such as comments, are skipped. */
  constructor(text: string) {
    for (const line of text.split(/\r?\n/)) {
      const [, label, random, secret] = LINE.exec(line) ?? [];
      if (label !== undefined && random !== undefined && secret !== undefined)
        this.#secrets.set(keyOf(label, random), Buffer.from(secret, 'hex'));
    }
  }

  /** The secret of a connection by its label (`CLIENT_RANDOM`, `SERVER_TRAFFIC_SECRET_0`, …) and its client's random. */
  secret(label: string, clientRandom: Uint8Array): Buffer | undefined {
    return this.#secrets.get(keyOf(label, Buffer.from(clientRandom).toString('hex')));
  }
}

function keyOf(label: string, random: string): string {
  return `${label} ${random.toLowerCase()}`;
}
