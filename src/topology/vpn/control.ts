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

/**
 * Lends tunnels on loopback, by lines that name an attempt: `take 7` is answered `take 7 ADDRESS` when there is a cold
 * tunnel, `raise 7` by `raise 7 ok` when it is up, or by `raise 7 failed: REASON`; `give 7` has no answer. A tunnel that
 * does not grow cold is lent to nobody any more, which `onTrouble` is told. Answers the port.
 */
export async function lend(tunnels: LentTunnels, onTrouble: (reason: string) => void): Promise<number> {
  const idle = [...tunnels.targets.keys()];
  const waiting: ((index: number) => void)[] = [];
  const lent = new Map<string, number>();

  const take = async (attempt: string): Promise<string> => {
    const index = idle.shift() ?? (await new Promise<number>((resolve) => waiting.push(resolve)));
    lent.set(attempt, index);
    return tunnels.targets[index] ?? '';
  };
  const raise = async (attempt: string): Promise<string> => {
    await tunnels.raise(lent.get(attempt) ?? -1);
    return 'ok';
  };
  const give = async (attempt: string): Promise<undefined> => {
    const index = lent.get(attempt);
    if (index === undefined || !lent.delete(attempt)) return;
    await tunnels.lower(index).catch((error: unknown) => {
      onTrouble(messageOf(error));
      throw error;
    });
    const next = waiting.shift();
    if (next === undefined) idle.push(index);
    else next(index);
  };
  const obey = async (line: string, socket: Socket): Promise<void> => {
    const [verb, attempt = ''] = line.split(' ');
    const done = verb === 'take' ? take(attempt) : verb === 'raise' ? raise(attempt) : give(attempt);
    const answer = await done.catch((error: unknown) => `failed: ${messageOf(error).replaceAll('\n', ' ')}`);
    if (answer !== undefined) socket.write(`${line} ${answer}\n`);
  };

  const server = createServer((socket) => {
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => void obey(line, socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}
