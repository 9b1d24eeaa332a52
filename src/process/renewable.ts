import { nowUs } from '../measure/clock.ts';
import type { Child } from './child.ts';
import type { Protocol, Usage } from './protocol.ts';

/** When something was ended and stood again; microseconds of the monotonic clock. */
export interface Renewal {
  /** Just before it was ended. */
  endedUs: number;
  readyUs: number;
}

/** From the first of several ends until all stand again. */
export function renewalOf(renewals: readonly Renewal[]): Renewal {
  return {
    endedUs: Math.min(...renewals.map(({ endedUs }) => endedUs)),
    readyUs: Math.max(...renewals.map(({ readyUs }) => readyUs)),
  };
}

/** What processes used that another one has taken the place of. */
export type Spent = Pick<Usage, 'cpuSeconds' | 'maxRssBytes'>;

export const NOTHING_SPENT: Spent = { cpuSeconds: 0, maxRssBytes: 0 };

/** What a process and those before it used. */
export function withPast<T extends Spent>(past: Spent, own: T): T {
  return {
    ...own,
    cpuSeconds: past.cpuSeconds + own.cpuSeconds,
    maxRssBytes: Math.max(past.maxRssBytes, own.maxRssBytes),
  };
}

/** A child that another one may take the place of. */
export interface RenewableChild<P extends Protocol> extends Child<P> {
  /** Ends the process, and starts another one in its place. What the first one used stays counted. */
  renew(): Promise<Renewal>;
}

/** Lets a child be renewed by `startAgain`, which starts one that is like it. */
export function renewable<P extends Protocol>(
  first: Child<P>,
  startAgain: () => Promise<Child<P>>,
): RenewableChild<P> {
  let current = first;
  let past: Spent = NOTHING_SPENT;
  const usage = async (): Promise<Usage> => withPast(past, await current.usage());
  return {
    name: first.name,
    role: first.role,
    get pid() {
      return current.pid;
    },
    call: (name, params) => current.call(name, params),
    usage,
    memory: () => current.memory(),
    resetUsage: () => current.resetUsage(),
    stop: () => current.stop(),
    renew: async () => {
      past = await usage();
      const endedUs = nowUs();
      await current.stop();
      current = await startAgain();
      return { endedUs, readyUs: nowUs() };
    },
  };
}
