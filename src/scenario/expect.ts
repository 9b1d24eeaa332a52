import * as z from 'zod';
import { MILESTONE_NAMES } from '../measure/milestones.ts';
import type { Finding } from './finding.ts';
import { didYouMean } from './suggest.ts';
import { or } from './wording.ts';

/** Stands for every mode of the scenario; a mode that is named by itself goes before it. */
export const ALL_MODES = 'all';

const byMode = <T extends z.ZodType>(value: T) => z.record(z.string(), value);
const milestoneSchema = z.enum(MILESTONE_NAMES);
const tripCount = z.int().min(1).max(1000);

const bytesSchema = z.strictObject({
  handshakeUp: z.int().min(0).optional().meta({ description: 'most bytes from client to broker' }),
  handshakeDown: z.int().min(0).optional().meta({ description: 'most bytes from broker to client' }),
});

const negotiatedSchema = z.strictObject({
  protocol: z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
  suite: z.string().optional().meta({ description: 'the IANA name of the cipher suite' }),
  group: z.string().optional().meta({ description: 'the key-exchange group, such as X25519' }),
  resumed: z.boolean().optional(),
  psk: z.boolean().optional().meta({ description: 'both ends used a pre-shared key' }),
  brokerVerified: z
    .boolean()
    .optional()
    .meta({ description: "the client verified the broker's certificate" }),
  clientVerified: z
    .boolean()
    .optional()
    .meta({ description: "the broker verified the client's certificate" }),
});

const limitSchema = z.strictObject({
  mode: z.string().optional().meta({ description: 'absent: every mode' }),
  link: z.string().optional().meta({ description: 'absent: every link' }),
  milestone: milestoneSchema,
  percentile: z
    .number()
    .gt(0)
    .lt(100)
    .meta({ description: 'needs 10 samples beyond it: 1,000 undisturbed ones for the 99th' }),
  maxMs: z.number().gt(0),
});

/** What a scenario expects of its results; `gate` checks it, and `run` the failure budget. */
export const expectSchema = z
  .strictObject({
    failureBudget: z.number().min(0).max(1).default(0.01).meta({
      description:
        'share of the attempts of each cell that may fail or be excluded; more ends with exit code 6',
    }),
    trips: z
      .union([
        z.literal('theory'),
        byMode(z.union([z.literal('theory'), tripCount, z.partialRecord(milestoneSchema, tripCount)])),
      ])
      .optional()
      .meta({
        description:
          'one-way trips to first data, as inferred: `theory` for all modes, or by mode a number, `theory`, or numbers by milestone; needs a link that only delays, and a null link',
      }),
    bytes: byMode(bytesSchema)
      .optional()
      .meta({
        description: `most bytes of the handshake, by mode or for \`${ALL_MODES}\``,
      }),
    negotiated: byMode(negotiatedSchema)
      .optional()
      .meta({
        description: `what every attempt must have negotiated, by mode or for \`${ALL_MODES}\``,
      }),
    limits: z.array(limitSchema).optional().meta({ description: 'percentiles that must not be exceeded' }),
  })
  .prefault({});

export type Expect = z.infer<typeof expectSchema>;

/** The expectations without those that findings are about. */
export function expectWithout(expect: Expect, findings: readonly Finding[]): Expect {
  const gone = new Set(findings.map(({ path }) => path.slice(0, 3).join('\n')));
  const stays = (...path: (string | number)[]): boolean => !gone.has(['expect', ...path].join('\n'));
  const { failureBudget, trips, bytes, negotiated, limits } = expect;
  const keep = <T>(key: string, entries: Record<string, T> | undefined): Record<string, T> | undefined =>
    entries && Object.fromEntries(Object.entries(entries).filter(([mode]) => stays(key, mode)));
  const kept = {
    trips: trips === 'theory' ? trips : keep('trips', trips),
    bytes: keep('bytes', bytes),
    negotiated: keep('negotiated', negotiated),
    limits: limits?.filter((_, index) => stays('limits', index)),
  };
  const whole = Object.entries(kept).filter(([key, value]) => value !== undefined && stays(key));
  return { failureBudget, ...Object.fromEntries(whole) };
}

/** What `expect` says of a mode: its own entry, else the one for all. */
export function expectedOf<T>(byMode: Readonly<Record<string, T>> | undefined, mode: string): T | undefined {
  return byMode?.[mode] ?? byMode?.[ALL_MODES];
}

/** Expectations of modes and links that the scenario does not have: a budget that nothing spends would always hold. */
export function expectFindings(
  { trips, bytes, negotiated, limits = [] }: Expect,
  {
    modes,
    links,
    hasHandshakes,
  }: { modes: readonly string[]; links: readonly string[]; hasHandshakes: boolean },
): Finding[] {
  const named = { trips: trips === 'theory' ? {} : trips, bytes, negotiated };
  const names = [...modes, ALL_MODES];
  const ofModes = Object.entries(named).flatMap(([key, entries = {}]) =>
    Object.keys(entries)
      .filter((mode) => !names.includes(mode))
      .map((mode): Finding => ({
        path: ['expect', key, mode],
        at: 'key',
        message: `the scenario has no such mode, expected ${or(names)}${didYouMean(mode, names)}`,
      })),
  );
  const ofLimits = limits.flatMap(({ mode, link }, index): Finding[] => {
    const wrong = (key: string, given: string | undefined, known: readonly string[]): Finding[] =>
      given === undefined || known.includes(given)
        ? []
        : [
            {
              path: ['expect', 'limits', index, key],
              at: 'value',
              message: `the scenario has no such ${key}, expected ${or(known)}, got "${given}"${didYouMean(given, known)}`,
            },
          ];
    return [...wrong('mode', mode, modes), ...wrong('link', link, links)];
  });
  // All four are about connections one by one, of which a load has none to judge.
  const unchecked = hasHandshakes
    ? []
    : Object.entries({ trips, bytes, negotiated, limits: limits[0] && limits });
  const ofLoad = unchecked
    .filter(([, expected]) => expected !== undefined)
    .map(([key]): Finding => ({
      path: ['expect', key],
      at: 'key',
      message: 'no workload of the scenario is a handshake, expected one, or none of this expectation',
    }));
  return [...ofModes, ...ofLimits, ...ofLoad];
}
