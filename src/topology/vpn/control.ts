import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '../../errors.ts';

/** Tunnels that attempts are lent, each to one at a time. */
export interface LentTunnels {
  /** What is reached through each of them. */
  targets: readonly string[];
  /** Makes a tunnel ready, where the first packet does not do it. */
  raise(index: number): Promise<void>;
  /** Makes a tunnel cold again. */
  lower(index: number): Promise<void>;
}

/** The tunnels of one connection's attempts. */
type Lent = Map<string, number>;

/** An attempt that waits for a tunnel. */
interface Waiting {
  attempt: string;
  lent: Lent;
  lendIt(index: number): void;
  reject(error: Error): void;
}

/**
 * Lends tunnels on loopback, by lines that name an attempt: `take 7` is answered `take 7 ADDRESS` when there is a cold
 * tunnel, `raise 7` by `raise 7 ok` when it is up, or by `raise 7 failed: REASON`; `give 7` has no answer, and ends a
 * `take 7` that still waits. What a connection has taken is given back when it closes. A tunnel that does not grow cold is
 * lent to nobody any more, which `onTrouble` is told. Answers the port.
 */
export async function lend(tunnels: LentTunnels, onTrouble: (reason: string) => void): Promise<number> {
  const idle = [...tunnels.targets.keys()];
  const waiting: Waiting[] = [];

  const take = async (attempt: string, lent: Lent): Promise<string> => {
    const index = await new Promise<number>((resolve, reject) => {
      const lendIt = (index: number): void => {
        lent.set(attempt, index);
        resolve(index);
      };
      const first = idle.shift();
      if (first === undefined) waiting.push({ attempt, lent, lendIt, reject });
      else lendIt(first);
    });
    return tunnels.targets[index] ?? '';
  };
  const raise = async (attempt: string, lent: Lent): Promise<string> => {
    await tunnels.raise(lent.get(attempt) ?? -1);
    return 'ok';
  };
  const give = async (attempt: string, lent: Lent): Promise<undefined> => {
    const place = waiting.findIndex((each) => each.attempt === attempt && each.lent === lent);
    if (place !== -1) waiting.splice(place, 1)[0]?.reject(new Error('it was given up'));
    const index = lent.get(attempt);
    if (index === undefined || !lent.delete(attempt)) return;
    await tunnels.lower(index).catch((error: unknown) => {
      onTrouble(messageOf(error));
      throw error;
    });
    const next = waiting.shift();
    if (next === undefined) idle.push(index);
    else next.lendIt(index);
  };
  const obey = async (line: string, socket: Socket, lent: Lent): Promise<void> => {
    const [verb, attempt = ''] = line.split(' ');
    const order = verb === 'take' ? take : verb === 'raise' ? raise : give;
    const done = order(attempt, lent);
    const answer = await done.catch((error: unknown) => `failed: ${messageOf(error).replaceAll('\n', ' ')}`);
    if (answer !== undefined) socket.write(`${line} ${answer}\n`);
  };

  const server = createServer((socket) => {
    const lent: Lent = new Map();
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => void obey(line, socket, lent));
    socket.once('close', () => {
      const asked = waiting.filter((each) => each.lent === lent).map(({ attempt }) => attempt);
      // Of a tunnel that does not grow cold `onTrouble` has been told.
      for (const attempt of [...asked, ...lent.keys()]) void give(attempt, lent).catch(() => {});
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}
