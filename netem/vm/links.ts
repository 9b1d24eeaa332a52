import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { netemBackend } from '../../src/link/netem.ts';
import type { OpenLink, Route } from '../../src/link/backend.ts';
import { resolveLink, type LinkInput } from '../../src/link/spec.ts';
import { say } from './harness.ts';

const TRANSFER = fileURLToPath(new URL('./transfer.ts', import.meta.url));

/** What the taking end of a transfer tells: the first chunk and the last, in microseconds and bytes. */
export interface Taken {
  bytes: number;
  first: { atUs: number; bytes: number };
  lastUs: number;
}

/** Opens a link over the backend under test, hands it over, and closes it in every case. */
export async function over<T>(
  link: LinkInput,
  body: (open: OpenLink, route: Route) => Promise<T>,
): Promise<T> {
  const open = await netemBackend.open({ seed: 7, onFlow: () => {}, onCrash: (error) => say(error.message) });
  try {
    const route = await open.route(resolveLink({ name: 'link', ...link }), {
      host: open.brokerHost,
      port: 4000,
    });
    return await body(open, route);
  } finally {
    await open.close();
  }
}

/** Starts a part of transfer.ts behind a command that enters its namespace. */
export function transfer(prefix: readonly string[], ...args: string[]) {
  const [command = '', ...rest] = [...prefix, process.execPath, TRANSFER, ...args];
  return execa(command, rest, { stdin: 'ignore' });
}

/** Starts a receiving part and waits until it is ready; `received` is what it prints in the end. */
export async function receiver<T>(
  prefix: readonly string[],
  ...args: string[]
): Promise<{ received: Promise<T> }> {
  const part = transfer(prefix, ...args);
  await new Promise<void>((resolve, reject) => {
    part.stdout.once('data', () => resolve());
    part.catch(reject);
  });
  return { received: part.then(({ stdout }) => JSON.parse(stdout.split('\n').at(-1) ?? '') as T) };
}

/** Who sends in a direction, who receives, and the receiver's address. */
export function sidesOf(
  { prefix }: OpenLink,
  { host }: Route,
  way: 'up' | 'down',
): { from: readonly string[]; to: readonly string[]; host: string } {
  if (way === 'up') return { from: prefix.client, to: prefix.broker, host };
  return { from: prefix.broker, to: prefix.client, host: host.replace(/2$/, '1') };
}

/** Sends numbered datagrams in one direction, one every so many milliseconds; answers those that came. */
export async function datagrams(
  sides: ReturnType<typeof sidesOf>,
  count: number,
  everyMs: number,
): Promise<{ n: number; tookUs: number }[]> {
  const { received } = await receiver<{ n: number; tookUs: number }[]>(sides.to, 'catch', '4000');
  await transfer(sides.from, 'throw', sides.host, '4000', String(count), String(everyMs));
  return received;
}
