import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { environmentError } from '../../errors.ts';

const TRY_EVERY_MS = 20;
const READY_WITHIN_MS = 15_000;

/**
 * An OpenVPN client in the hands of its management interface (openvpn(8), management-notes.txt), started with
 * `--management-hold`: it holds until it is raised, and again when it is lowered.
 */
export class OpenvpnClient {
  readonly #socket: Socket;
  readonly #waiting = new Set<{ seen: string; resolve: () => void }>();
  #isHolding = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      if (line.startsWith('>HOLD:')) this.#isHolding = true;
      for (const one of this.#waiting) if (line.includes(one.seen)) one.resolve();
    });
    socket.write('state on\n');
  }

  /** Connects to the socket of a client that has just been started. Throws an environment error when there is none. */
  static async at(path: string): Promise<OpenvpnClient> {
    const giveUp = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const socket = await tryConnect(path);
      if (socket !== undefined) return new OpenvpnClient(socket);
      if (performance.now() > giveUp)
        throw environmentError(`OpenVPN does not open its management socket ${path}`);
      await sleep(TRY_EVERY_MS);
    }
  }

  /** Lets it connect; resolves when the tunnel is up. */
  async raise(): Promise<void> {
    if (!this.#isHolding) await this.#untilSeen('>HOLD:');
    this.#isHolding = false;
    const connected = this.#untilSeen(',CONNECTED,');
    this.#socket.write('hold release\n');
    await connected;
  }

  /** Ends the session and holds; the device stays. */
  async lower(): Promise<void> {
    if (this.#isHolding) return;
    const holding = this.#untilSeen('>HOLD:');
    this.#socket.write('signal SIGUSR1\n');
    await holding;
  }

  async #untilSeen(seen: string): Promise<void> {
    const found = Promise.withResolvers<void>();
    const one = { seen, resolve: found.resolve };
    this.#waiting.add(one);
    const limit = setTimeout(
      () => found.reject(environmentError(`OpenVPN does not say ${seen} within ${READY_WITHIN_MS / 1000} s`)),
      READY_WITHIN_MS,
    );
    try {
      await found.promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(one);
    }
  }
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
