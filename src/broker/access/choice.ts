import * as z from 'zod';
import type { BrokerChoice } from '../broker.ts';
import { byModeSchema } from '../by-mode.ts';

/** So long waits a broker for an answer; none in time is a no. */
const TIMEOUT_MS = 5000;
const MAX_DELAY_MS = 60_000;

const delayMs = z.number().min(0).max(MAX_DELAY_MS);

/**
 * How a broker asks an access-management service which topics a client may use. Real brokers ask so: EMQX's HTTP
 * authorizer and mosquitto-go-auth at each SUBSCRIBE and PUBLISH; a token or the answer of EMQX's HTTP authenticator, which
 * may carry the rules, at CONNECT.
 */
export const accessSchema = z
  .strictObject({
    delayMs: delayMs.default(0).meta({ description: 'how long the service takes to answer' }),
    delayMsByMode: byModeSchema(delayMs)
      .optional()
      .meta({ description: 'the same for the clients of some modes, by the name of the mode' }),
    at: z.enum(['connect', 'topic']).default('topic').meta({
      description: 'asked once, before CONNACK, or at each SUBSCRIBE and PUBLISH',
    }),
    cache: z.boolean().default(false).meta({
      description:
        'the broker keeps answers: by user, or by client identifier where it knows no user of a client',
    }),
    ttlSeconds: z.number().gt(0).max(86_400).default(60).meta({ description: 'how long an answer is kept' }),
    deny: z.enum(['connect', 'publish', 'subscribe']).optional().meta({
      description: 'what the service allows nobody; that is measured',
    }),
    reachable: z.boolean().default(true).meta({
      description: 'false: nothing listens where the broker asks; it must refuse, and that is measured',
    }),
    timeoutMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(TIMEOUT_MS)
      .meta({ description: 'an answer that takes longer is a no' }),
  })
  .superRefine(({ deny, at, delayMs, delayMsByMode = {}, timeoutMs }, context) => {
    const problem = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (deny === 'connect' && at === 'topic')
      problem(
        ['deny'],
        'the service is not asked at CONNECT where `at` is topic, expected publish or subscribe',
      );
    const delays = [
      { path: ['delayMs'], ms: delayMs },
      ...Object.entries(delayMsByMode).map(([mode, ms]) => ({ path: ['delayMsByMode', mode], ms })),
    ];
    for (const { path, ms } of delays)
      if (ms >= timeoutMs)
        problem(path, `expected less than timeoutMs, ${timeoutMs}, after which no answer is a no, got ${ms}`);
  });

export type AccessChoice = z.infer<typeof accessSchema>;

/** The access management of a broker; undefined where it has none. */
export function accessOf({ options }: Pick<BrokerChoice, 'options'>): AccessChoice | undefined {
  return options['access'] as AccessChoice | undefined;
}

/** What clients of right credentials are denied: `topic` is all that names one. */
export function deniedBy({
  reachable,
  at,
  deny,
}: AccessChoice): 'connect' | 'publish' | 'subscribe' | 'topic' | undefined {
  return reachable ? deny : at;
}

/** How long the service takes to answer for a client of a mode. */
export function delayOf({ delayMs, delayMsByMode = {} }: AccessChoice, mode: string): number {
  return delayMsByMode[mode] ?? delayMs;
}
