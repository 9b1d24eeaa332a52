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

const share = z.number().min(0).lt(1);

/**
 * Loss in bursts: the Gilbert–Elliott model, as `loss gemodel` of tc-netem(8) has it. A channel that is good turns bad
 * with probability `p` at each packet, and good again with `r`; while bad it loses `lossBad` of the packets, while good
 * `lossGood`.
 */
export const burstLossSchema = z.strictObject({
  p: z.number().gt(0).max(1),
  r: z.number().gt(0).max(1),
  lossBad: z.number().min(0).max(1).default(1),
  lossGood: z.number().min(0).lt(1).default(0),
});

export const jitterDistributionSchema = z.enum(['normal', 'uniform', 'pareto']);

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
  jitterDistribution: jitterDistributionSchema
    .optional()
    .meta({ description: 'shape of the jitter (default normal)' }),
  loss: eachWay(share).optional().meta({ description: 'share of packets lost at random, 0 to 1' }),
  burstLoss: eachWay(burstLossSchema)
    .optional()
    .meta({ description: 'loss in bursts (Gilbert–Elliott), instead of `loss`' }),
  rateKbit: eachWay(kbitPerSecond).optional(),
  reorder: eachWay(share).optional().meta({ description: 'share of packets that overtake the ones before' }),
  duplicate: eachWay(share).optional().meta({ description: 'share of packets that arrive twice' }),
});
export type LinkInput = z.infer<typeof linkInputSchema>;

/** One direction of a link. */
export const directionSchema = z.strictObject({
  delayMs: z.number().nonnegative(),
  jitterMs: z.number().nonnegative(),
  jitterDistribution: jitterDistributionSchema.optional(),
  loss: share,
  burstLoss: burstLossSchema.optional(),
  /** Absent: as fast as the machine. */
  rateKbit: z.number().positive().optional(),
  reorder: share.optional(),
  duplicate: share.optional(),
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
  const problem = linkProblem(input);
  if (problem !== undefined) throw new RangeError(problem);
  const delay = input.oneWayMs ?? (input.rttMs ?? 0) / 2;
  const direction = (way: 'up' | 'down'): Direction => {
    const { jitterDistribution } = input;
    const optional = {
      jitterDistribution,
      burstLoss: pick(input.burstLoss, way),
      rateKbit: pick(input.rateKbit, way),
      reorder: pick(input.reorder, way),
      duplicate: pick(input.duplicate, way),
    };
    return {
      delayMs: pick(delay, way) ?? 0,
      jitterMs: pick(input.jitterMs, way) ?? 0,
      loss: pick(input.loss, way) ?? 0,
      // Absent stays absent: a link that is written again reads as it was written.
      ...(Object.fromEntries(
        Object.entries(optional).filter(([, value]) => value !== undefined),
      ) as Partial<Direction>),
    };
  };
  const spec = { up: direction('up'), down: direction('down') };
  return { id: input.name ?? defaultId(spec), ...spec };
}

/** What is wrong with a link as a whole, or undefined. */
export function linkProblem(input: LinkInput): string | undefined {
  if (input.oneWayMs !== undefined && input.rttMs !== undefined) {
    return 'a link has either `oneWayMs` or `rttMs`, not both: a round trip is two one-way delays';
  }
  if (input.oneWayMs === undefined && input.rttMs === undefined) {
    return 'a link needs its delay: `oneWayMs` (for example 34) or `rttMs` (for example 68)';
  }
  if (input.loss !== undefined && input.burstLoss !== undefined) {
    return 'a link has either `loss` or `burstLoss`, not both: they are two models of the same thing';
  }
  return undefined;
}

function pick<T>(value: T | { up: T; down: T } | undefined, way: 'up' | 'down'): T | undefined {
  if (value !== null && typeof value === 'object' && 'up' in value) return value[way];
  return value;
}

function defaultId({ up, down }: { up: Direction; down: Direction }): string {
  const both = (valueOf: (way: Direction) => number | undefined): string => {
    const [first = 0, second = 0] = [valueOf(up), valueOf(down)];
    return first === second ? String(first) : `${first}-${second}`;
  };
  const part = (prefix: string, valueOf: (way: Direction) => number | undefined, unit = ''): string => {
    const text = both(valueOf);
    return text === '0' ? '' : `${prefix}${text}${unit}`;
  };
  return [
    `${both((way) => way.delayMs)}ms`,
    part('~', (way) => way.jitterMs),
    part('-loss', (way) => way.loss),
    part('-burst', (way) => way.burstLoss?.p),
    part('-', (way) => way.rateKbit, 'kbit'),
    part('-reorder', (way) => way.reorder),
    part('-duplicate', (way) => way.duplicate),
  ].join('');
}

/** A link without delay, jitter, loss or rate limit: what the machine itself costs. */
export const NULL_LINK: LinkSpec = resolveLink({ name: 'null', oneWayMs: 0 });

/** Whether a link changes nothing. */
export function isNullLink({ up, down }: LinkSpec): boolean {
  return [up, down].every(
    ({ delayMs, jitterMs, loss, burstLoss, rateKbit, reorder = 0, duplicate = 0 }) =>
      delayMs + jitterMs + loss + reorder + duplicate === 0 &&
      burstLoss === undefined &&
      rateKbit === undefined,
  );
}
