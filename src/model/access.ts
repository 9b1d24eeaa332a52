import type { Milestone } from '../measure/milestones.ts';

/** What a connection waits for access management in theory. */
export interface AccessTheory {
  /** Asked once, before CONNACK, or at each SUBSCRIBE and PUBLISH. */
  at: 'connect' | 'topic';
  /** How long the service takes to answer; 0 where the broker has the answer already. */
  askMs: number;
  /** Where the client is refused; undefined: nowhere. */
  refusedAt: 'handshake' | 'connect' | 'publish' | 'subscribe' | undefined;
}

/** Milestones that CONNACK, or the decision on it, comes before. */
const AFTER_CONNECT: ReadonlySet<Milestone> = new Set([
  'connackSent',
  'connackReceived',
  'subackReceived',
  'publishReceived',
  'delivered',
  'pubackReceived',
  'pubrecReceived',
  'pubcompReceived',
]);

/** Milestones that come after the broker's decision on SUBSCRIBE or PUBLISH. */
const AFTER_TOPIC: ReadonlySet<Milestone> = new Set([
  'subackReceived',
  'delivered',
  'pubackReceived',
  'pubrecReceived',
  'pubcompReceived',
]);

/**
 * Milliseconds that a milestone is later for access management. First data never is: the broker asks once it holds
 * CONNECT. Nobody is asked about a client whose certificate or credentials are refused.
 */
export function accessWaitMs({ at, askMs, refusedAt }: AccessTheory, milestone: Milestone): number {
  if (refusedAt === 'handshake') return 0;
  if (milestone === 'refused') return at === 'connect' || refusedAt !== 'connect' ? askMs : 0;
  return (at === 'connect' ? AFTER_CONNECT : AFTER_TOPIC).has(milestone) ? askMs : 0;
}
