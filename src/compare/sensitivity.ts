import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { messageOf, usageError } from '../errors.ts';
import { environmentOf } from '../history/digest.ts';
import { Z_95, Z_POWER_95 } from '../stats/normal.ts';
import { medianOfDifferences, differenceOfMedians } from '../stats/block-bootstrap.ts';
import { JUDGED } from '../results/trips.ts';
import type { Comparison } from './comparison.ts';
import type { RunData } from './run-data.ts';
import { alignRounds, milestoneSeries } from './series.ts';

/** Grows when a reader of the old form could misread the new one. Before 2 a file did not say what it was measured on. */
const AA_VERSION = 2;

const precisionSchema = z.strictObject({
  /** Of the difference of medians, by block bootstrap. */
  standardErrorMs: z.number(),
  /** The smallest true difference that the 95 % interval tells from none in 95 of 100 runs. */
  detectableMs: z.number(),
  /** Rounds after which the effect that was asked for is detected as surely. */
  roundsForEffect: z.int(),
});

/** What this machine can detect: a scenario measured against itself. */
export const aaSchema = z.strictObject({
  aaVersion: z.literal(AA_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  startedAt: z.string(),
  /** What it was measured on, as a history names it: processor, cores, system. */
  machine: z.string(),
  /** What made its links. */
  backends: z.array(z.string()),
  scenario: z.string(),
  rounds: z.int(),
  /** The effect that `roundsForEffect` is about. */
  effectMs: z.number(),
  /** Timings that were judged, and those of them that were called a difference though there is none. */
  judged: z.int(),
  falseAlarms: z.array(z.string()),
  cells: z.array(
    z.strictObject({
      id: z.string(),
      what: z.string(),
      rounds: z.int(),
      medianMs: z.number(),
      /** In the rounds of one run, and between two runs; what differs between whole runs is in neither. */
      paired: precisionSchema,
      separate: precisionSchema,
    }),
  ),
});

export type Sensitivity = z.infer<typeof aaSchema>;

/**
 * What a paired run of a scenario against itself says of the machine. The smallest detectable difference is
 * (z₀.₉₇₅ + z₀.₉₅) standard errors (Bloom, "Minimum detectable effects", Evaluation Review 19, 1995); it falls with the root
 * of the number of rounds. A verdict `regressed` takes the floor on top of it, and a little more where many are compared.
 */
export function sensitivityOf(
  baseline: RunData,
  candidate: RunData,
  comparison: Comparison,
  effectMs: number,
): Sensitivity {
  const judged = comparison.cells.flatMap(({ id, effects }) =>
    effects.filter((effect) => effect.judged && effect.kind === 'timing').map((effect) => ({ id, effect })),
  );
  const { results } = candidate;
  return {
    aaVersion: AA_VERSION,
    tool: results.tool,
    startedAt: results.startedAt,
    machine: environmentOf(results).machine,
    backends: backendsOf(results),
    scenario: results.scenario.name,
    rounds: Number(results.scenario['rounds']),
    effectMs,
    judged: judged.length,
    falseAlarms: judged
      .filter(({ effect }) => effect.verdict === 'regressed' || effect.verdict === 'improved')
      .map(({ id, effect }) => `${id}, ${effect.what}: ${effect.verdict}. ${effect.because}`),
    cells: results.cells.flatMap((cell, position) => {
      const partner = baseline.results.cells[position];
      if (partner === undefined) return [];
      return JUDGED.flatMap((what) => {
        const before = milestoneSeries(baseline, partner, what);
        const after = milestoneSeries(candidate, cell, what);
        const both = before && after && alignRounds(before, after);
        if (both === undefined) return [];
        const rounds = both.baseline.timesUs.length;
        const differences = both.candidate.timesUs.map(
          (us, index) => us - (both.baseline.timesUs[index] ?? 0),
        );
        const separate = differenceOfMedians(both.baseline.timesUs, both.candidate.timesUs);
        const told = (standardErrorUs: number): Sensitivity['cells'][number]['paired'] =>
          precision(standardErrorUs / 1000, rounds, effectMs);
        return [
          {
            id: cell.id,
            what,
            rounds,
            medianMs: separate.candidate / 1000,
            paired: told(medianOfDifferences(differences).standardError),
            separate: told(separate.standardError),
          },
        ];
      });
    }),
  };
}

function precision(
  standardErrorMs: number,
  rounds: number,
  effectMs: number,
): Sensitivity['cells'][number]['paired'] {
  const detectableMs = (Z_95 + Z_POWER_95) * standardErrorMs;
  return {
    standardErrorMs,
    detectableMs,
    roundsForEffect: Math.max(1, Math.ceil(rounds * (detectableMs / effectMs) ** 2)),
  };
}

/**
 * What can be detected of a cell in so many rounds, in milliseconds; of a cell that was not in the A/A run, what could be
 * of its worst one. Undefined where it had no such milestone.
 */
export function detectableMs(
  { cells }: Sensitivity,
  { id, what, rounds, paired }: { id: string; what: string; rounds: number; paired: boolean },
): number | undefined {
  const alike = cells.filter((cell) => cell.what === what);
  const own = alike.filter((cell) => cell.id === id);
  const found = (own.length > 0 ? own : alike).map(
    (cell) => cell[paired ? 'paired' : 'separate'].detectableMs * Math.sqrt(cell.rounds / rounds),
  );
  return found.length === 0 ? undefined : Math.max(...found);
}

/**
 * Throws a usage error where a run was measured on another machine than the A/A run, or over links that something else made:
 * what is detectable there says nothing of here.
 */
export function checkSameMachine({ machine, backends }: Sensitivity, runs: readonly RunData[]): void {
  for (const { path, results } of runs) {
    const here = environmentOf(results).machine;
    if (here !== machine)
      throw usageError(
        `The A/A run was measured on ${machine}, and ${path} on ${here}: it does not say what can be detected there`,
        `${MEND} It takes the machine of the runs that are compared.`,
      );
    const other = backendsOf(results).find((backend) => !backends.includes(backend));
    if (other !== undefined)
      throw usageError(
        `The links of the A/A run were made by ${backends.join(', ')}, a link of ${path} by ${other}: it does not say what can be detected over that`,
        `${MEND} Give it the same --backend.`,
      );
  }
}

function backendsOf({ links }: RunData['results']): string[] {
  return [...new Set(links.map(({ backend }) => backend))].toSorted();
}

const MEND = 'Make one with `mqtt-tls-bench calibrate --aa`.';

/** Reads an aa.json. Throws a usage error that names the file and what is wrong with it. */
export async function readSensitivity(file: string): Promise<Sensitivity> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw usageError(`Cannot read ${file}: ${messageOf(error)}`, MEND);
  }
  const version = z.looseObject({ aaVersion: z.int() }).safeParse(document);
  if (version.success && version.data.aaVersion !== AA_VERSION)
    throw usageError(
      `${file} has aaVersion ${version.data.aaVersion}; this version of the tool reads ${AA_VERSION}, which says what it was measured on`,
      MEND,
    );
  const parsed = aaSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw usageError(`${file} does not say what a machine can detect:\n${z.prettifyError(parsed.error)}`, MEND);
}
