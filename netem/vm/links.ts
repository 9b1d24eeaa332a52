import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { netemBackend } from '../../src/link/netem.ts';
import type { OpenLink } from '../../src/link/backend.ts';
import { resolveLink, type LinkInput } from '../../src/link/spec.ts';
import { say } from './harness.ts';

/** Where the receiving end of a transfer waits, in a namespace of its own. */
const PORT = 4000;
const TRANSFER = fileURLToPath(new URL('./transfer.ts', import.meta.url));

/** What the taking end of a transfer tells: the first chunk and the last, in microseconds and bytes. */
export interface Taken {
  bytes: number;
  first: { atUs: number; bytes: number };
  lastUs: number;
}

/** A link that is open, by the name that the check gave it, and the addresses at which a direction ends. */
export interface Opened {
  name: string;
  hosts: Record<Way, string>;
}

type Way = 'up' | 'down';

/**
 * Opens links beside each other over the backend under test, hands them over, and closes them in every case. Opening
 * costs an emulated processor half a minute, whatever the number of links.
 */
export async function over<N extends string, T>(
  links: Readonly<Record<N, LinkInput>>,
  body: (opened: Record<N, Opened>, open: OpenLink) => Promise<T>,
): Promise<T> {
  const open = await netemBackend.open({ seed: 7, onFlow: () => {}, onCrash: (error) => say(error.message) });
  try {
    const opened: Partial<Record<N, Opened>> = {};
    for (const name of Object.keys(links) as N[]) {
      const place = { host: open.brokerHost, port: PORT };
      const { host } = await open.route(resolveLink({ name, ...links[name] }), place);
      // The ends of a link are 1 and 2.
      opened[name] = { name, hosts: { up: host, down: host.replace(/2$/, '1') } };
    }
    return await body(opened as Record<N, Opened>, open);
  } finally {
    await open.close();
  }
}

/** Starts a part of transfer.ts behind a command that enters its namespace. */
function transfer(prefix: readonly string[], ...args: string[]) {
  const [command = '', ...rest] = [...prefix, process.execPath, TRANSFER, ...args];
  return execa(command, rest, { stdin: 'ignore' });
}

/** Starts a receiving part and waits until it is ready; `received` is what it prints in the end. */
async function receiver<T>(prefix: readonly string[], ...args: string[]): Promise<{ received: Promise<T> }> {
  const part = transfer(prefix, ...args);
  await new Promise<void>((resolve, reject) => {
    part.stdout.once('data', () => resolve());
    part.catch(reject);
  });
  return { received: part.then(({ stdout }) => JSON.parse(stdout.split('\n').at(-1) ?? '') as T) };
}

/** Sends so many bytes over a link by TCP, and looks on again and again until they are over; answers what the taking end tells. */
export async function give(
  open: OpenLink,
  { hosts }: Opened,
  bytes: number,
  way: Way = 'up',
  look: () => Promise<void> = () => sleep(100),
): Promise<Taken> {
  const { from, to } = sidesOf(open, way);
  const { received } = await receiver<Taken>(to, 'take', String(PORT));
  const over = new AbortController();
  const given = transfer(from, 'give', hosts[way], String(PORT), String(bytes)).finally(() => over.abort());
  while (!over.signal.aborted) await look();
  await given;
  return received;
}

/** Datagrams that are thrown at an address: how many, and one every so many milliseconds. */
export interface Throw {
  host: string;
  count: number;
  everyMs: number;
}

/** What came of one {@link Throw}: the numbers of the datagrams, and how long each took. */
export type Caught = { n: number; tookUs: number }[];

/** Throws numbered datagrams at one address after the other; answers for each those that came. */
export async function datagrams({ from, to }: Sides, throws: readonly Throw[]): Promise<Caught[]> {
  const { received } = await receiver<Caught[]>(to, 'catch', String(PORT), String(throws.length));
  const each = throws.flatMap(({ host, count, everyMs }) => [host, String(count), String(everyMs)]);
  await transfer(from, 'throw', String(PORT), ...each);
  return received;
}

/** Commands that enter the namespace of who sends, and of who receives. */
interface Sides {
  from: readonly string[];
  to: readonly string[];
}

export function sidesOf({ prefix }: OpenLink, way: Way): Sides {
  if (way === 'up') return { from: prefix.client, to: prefix.broker };
  return { from: prefix.broker, to: prefix.client };
}
