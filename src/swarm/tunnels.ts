import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as z from 'zod';

/** Tunnels that are cold, of which each attempt takes one. */
export const tunnelsSchema = z.strictObject({
  /** Where, on loopback, they are taken, raised and given back. */
  controlPort: z.int(),
  /** Whether a tunnel must be raised before something can go through it, and is not by the first packet. */
  raises: z.boolean(),
});
export type ColdTunnels = z.infer<typeof tunnelsSchema>;

/** Longer than a queue for tunnels gets where any comes back. */
const TAKE_WITHIN_MS = 60_000;

/** The way to the keeper of cold tunnels, who lends each to one attempt at a time, of whichever process. */
export class TunnelDesk {
  readonly #socket: Socket;
  readonly #answers = new Map<string, (answer: string) => void>();
  #trouble: Error | undefined;

  constructor({ controlPort }: ColdTunnels) {
    this.#socket = connect({ host: '127.0.0.1', port: controlPort });
    const fail = (error: Error): void => {
      this.#trouble = error;
      for (const answer of this.#answers.values()) answer(`failed: ${error.message}`);
    };
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new Error('The keeper of the tunnels has ended')));
    createInterface({ input: this.#socket }).on('line', (line) => {
      const [verb, attempt, ...answer] = line.split(' ');
      this.#answers.get(`${verb} ${attempt}`)?.(answer.join(' '));
    });
  }

  /**
   * Takes a cold tunnel for an attempt, waiting for one where all are in use; answers the broker's address through it.
   * Rejects when there is none in time; the attempt must be given back then, too.
   */
  take(attempt: number, withinMs = TAKE_WITHIN_MS): Promise<string> {
    return within(withinMs, this.#ask(`take ${attempt}`), 'no tunnel is cold');
  }

  /** Makes the attempt's tunnel ready for packets; resolves when it is, and rejects when it is not in time. */
  async raise(attempt: number, withinMs: number): Promise<void> {
    await within(withinMs, this.#ask(`raise ${attempt}`), 'not up');
  }

  /** Gives the attempt's tunnel back, to grow cold for another, or ends its waiting for one. */
  give(attempt: number): void {
    this.#socket.write(`give ${attempt}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(order: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#trouble !== undefined) return reject(this.#trouble);
      this.#answers.set(order, (answer) => {
        this.#answers.delete(order);
        if (answer.startsWith('failed')) reject(new Error(answer));
        else resolve(answer);
      });
      this.#socket.write(`${order}\n`);
    });
  }
}

/** What is not done in time has failed. */
async function within<T>(timeoutMs: number, work: Promise<T>, otherwise: string): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`${otherwise} within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(limit);
  }
}
