import * as z from 'zod';

const milliseconds = z.number().nonnegative().max(60_000).meta({ description: 'milliseconds, 0 to 60,000' });
const kbitPerSecond = z
  .number()
  .positive()
  .max(10_000_000)
  .meta({ description: 'kilobits (1000 bits) a second' });

/** One value for both directions, or one for each: `up` is client to broker, `down` is broker to client. */
function eachWay<T extends z.ZodType>(
  value: T,
): z.ZodUnion<[T, z.ZodObject<{ up: T; down: T }, z.core.$strict>]> {
  return z.union([value, z.strictObject({ up: value, down: value })]);
}

export const linkNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._~-]*$/, 'a name of lower-case letters, digits, dots, dashes and tildes');

/**
 * A link as a scenario writes it. Its delay is either `oneWayMs` or `rttMs`, never an ambiguous "latency";
 * {@link resolveLink} checks that exactly one stands there.
 */
export const linkInputSchema = z.strictObject({
  name: linkNameSchema
    .optional()
    .meta({ description: 'how the link is called in results; made from its delay when absent' }),
  oneWayMs: eachWay(milliseconds)
    .optional()
    .meta({ description: 'one-way delay; 34 gives a round trip of 68' }),
  rttMs: milliseconds.optional().meta({ description: 'round-trip delay; half of it each way' }),
  jitterMs: eachWay(milliseconds).optional().meta({ description: 'standard deviation of the one-way delay' }),
  loss: eachWay(z.number().min(0).lt(1)).optional().meta({ description: 'share of packets lost, 0 to 1' }),
  rateKbit: eachWay(kbitPerSecond).optional(),
});
export type LinkInput = z.infer<typeof linkInputSchema>;

/** One direction of a link. */
export const directionSchema = z.strictObject({
  delayMs: z.number().nonnegative(),
  jitterMs: z.number().nonnegative(),
  loss: z.number().min(0).lt(1),
  /** Absent: as fast as the machine. */
  rateKbit: z.number().positive().optional(),
});
export type Direction = z.infer<typeof directionSchema>;

/** A link with every value spelled out. */
export const linkSpecSchema = z.strictObject({ id: z.string(), up: directionSchema, down: directionSchema });
export type LinkSpec = z.infer<typeof linkSpecSchema>;

/**
 * Spells a link out. Throws a RangeError when its delay is given twice or not at all; the scenario's schema says the
 * same with file, line and column.
 */
export function resolveLink(input: LinkInput): LinkSpec {
  const problem = delayProblem(input);
  if (problem !== undefined) throw new RangeError(problem);
  const delay = input.oneWayMs ?? (input.rttMs ?? 0) / 2;
  const direction = (way: 'up' | 'down'): Direction => {
    const rateKbit = pick(input.rateKbit, way);
    return {
      delayMs: pick(delay, way) ?? 0,
      jitterMs: pick(input.jitterMs, way) ?? 0,
      loss: pick(input.loss, way) ?? 0,
      ...(rateKbit === undefined ? {} : { rateKbit }),
    };
  };
  const spec = { up: direction('up'), down: direction('down') };
  return { id: input.name ?? defaultId(spec), ...spec };
}

/** What is wrong with the delay of a link, or undefined. */
export function delayProblem(input: LinkInput): string | undefined {
  if (input.oneWayMs !== undefined && input.rttMs !== undefined) {
    return 'a link has either `oneWayMs` or `rttMs`, not both: a round trip is two one-way delays';
  }
  if (input.oneWayMs === undefined && input.rttMs === undefined) {
    return 'a link needs its delay: `oneWayMs` (for example 34) or `rttMs` (for example 68)';
  }
  return undefined;
}

function pick<T>(value: T | { up: T; down: T } | undefined, way: 'up' | 'down'): T | undefined {
  if (value !== null && typeof value === 'object' && 'up' in value) return value[way];
  return value;
}

function defaultId({ up, down }: { up: Direction; down: Direction }): string {
  const delay = up.delayMs === down.delayMs ? `${up.delayMs}ms` : `${up.delayMs}-${down.delayMs}ms`;
  const jitter = up.jitterMs === 0 && down.jitterMs === 0 ? '' : `~${up.jitterMs}`;
  const loss = up.loss === 0 && down.loss === 0 ? '' : `-loss${up.loss}`;
  const rate = up.rateKbit === undefined && down.rateKbit === undefined ? '' : `-${up.rateKbit}kbit`;
  return `${delay}${jitter}${loss}${rate}`;
}

/** A link without delay, jitter, loss or rate limit: what the machine itself costs. */
export const NULL_LINK: LinkSpec = resolveLink({ name: 'null', oneWayMs: 0 });

/** Whether a link changes nothing. */
export function isNullLink({ up, down }: LinkSpec): boolean {
  return [up, down].every(
    (way) => way.delayMs === 0 && way.jitterMs === 0 && way.loss === 0 && way.rateKbit === undefined,
  );
}
