import { createHash } from 'node:crypto';
import type { CellResult, Results } from '../results/schema.ts';

/** Sixteen hexadecimal digits are enough to tell runs and machines apart, and short enough to read. */
const DIGITS = 16;

/** A digest of anything that JSON can say; the order of keys does not matter. */
function digestOf(value: unknown): string {
  return createHash('sha256').update(sorted(value)).digest('hex').slice(0, DIGITS);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** What tells one run from every other: when it began, of what, and how long it took to the microsecond. */
export function runDigest({ startedAt, durationMs, seed, scenario, environment }: Results): string {
  return digestOf([startedAt, durationMs, seed, scenario.name, environment]);
}

/**
 * The machine that a run was measured on, as far as results tell. Its versions are not in the digest: an upgrade is one
 * of the changes that a history is kept for, and one change among many moves no quartile.
 */
export function environmentOf({ environment }: Results): {
  digest: string;
  machine: string;
  stack: string;
} {
  const told = (key: string): string => String(environment[key] ?? 'unknown');
  // `Linux 6.12.3-…`: hosted machines get a new kernel every week.
  const system = told('system').split(' ')[0] ?? '';
  const machine = `${told('cpu')}, ${told('cores')} cores, ${told('arch')}, ${system}`;
  return { digest: digestOf(machine), machine, stack: `Node ${told('node')}, OpenSSL ${told('openssl')}` };
}

/** Settings of a scenario that move a cell's medians, or how much they vary; the question and the seed do not. */
const SETTINGS = ['workloads', 'rounds', 'warmupRounds'] as const;

/** What was asked of a cell: medians are only followed from run to run as long as it stays the same. */
export function conditionsOf(cell: CellResult, { links, scenario }: Results): string {
  const link = links.find(({ id }) => id === cell.link);
  return digestOf([link?.requested, link?.backend, ...SETTINGS.map((setting) => scenario[setting])]);
}
