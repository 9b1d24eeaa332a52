import * as z from 'zod';
import type { CellResult, Results } from '../results/schema.ts';
import { enumeration, integer, percent } from './format.ts';
import { counted } from '../words.ts';
import { modesOf } from './groups.ts';

/** Something that a reader must know before the figures. `grave`: do not rest a decision on them. */
export interface Problem {
  severity: 'grave' | 'caution';
  /** A sentence of plain text. */
  text: string;
}

/** More lost attempts than this, of any cell, are worth a word above the figures. */
const LOST_SHARE = 0.01;
/** So many disturbed samples say that the machine was not idle. */
const TAINTED_SHARE = 0.1;

/** What stands against trusting these results, the gravest first. */
export function problemsOf(results: Results): Problem[] {
  return [
    ...incomplete(results),
    ...uncalibrated(results),
    ...unsupportedModes(results),
    ...absentModes(results),
    ...lostSamples(results),
  ];
}

function incomplete({ complete, incompleteBecause }: Results): Problem[] {
  if (complete) return [];
  const why = incompleteBecause === undefined ? '' : `: ${incompleteBecause.replace(/\.$/, '')}`;
  return [{ severity: 'grave', text: `The run did not finish${why}. What was measured until then is here.` }];
}

function uncalibrated({ links }: Results): Problem[] {
  return links
    .filter(({ calibrated }) => !calibrated)
    .map(({ id, calibrations: { before, after } }) => {
      const [when, problem] = before.calibrated ? ['after', after?.problem] : ['before', before.problem];
      return {
        severity: 'grave',
        text: `The link ${id} was not what was asked for when it was calibrated ${when} the run: ${problem ?? 'nothing more is known'}.`,
      };
    });
}

/** One sentence for each reason; brokers are named where a mode was run on another one. */
function unsupportedModes({ unsupported, cells }: Results): Problem[] {
  const ran = new Set(cells.map(({ mode }) => mode));
  return [...Map.groupBy(unsupported, ({ reason }) => reason)].map(([reason, all]) => {
    const names = all.map(({ mode, broker, workload }) => {
      const where = broker === undefined || !ran.has(mode) ? mode : `${mode} on ${broker}`;
      return workload === undefined ? where : `${where} in ${workload}`;
    });
    const [first = '', ...others] = new Set(names);
    return {
      severity: 'caution',
      text: `${enumeration([first, ...others])} ${others.length === 0 ? 'was' : 'were'} left out: ${reason.replace(/\.$/, '')}.`,
    };
  });
}

function absentModes(results: Results): Problem[] {
  const asked = z.looseObject({ modes: z.array(z.string()) }).safeParse(results.scenario);
  if (!asked.success) return [];
  const there = new Set([...modesOf(results), ...results.unsupported.map(({ mode }) => mode)]);
  const absent = asked.data.modes.filter((mode) => !there.has(mode));
  if (absent.length === 0) return [];
  return [
    {
      severity: 'grave',
      text: `The scenario asks for ${enumeration(absent)}; these results have nothing on it.`,
    },
  ];
}

function lostSamples({ cells }: Results): Problem[] {
  const none = cells.filter(({ samples, throughput }) => samples.ok === 0 && throughput === undefined);
  const some = cells.filter((cell) => !none.includes(cell));
  const lost = some.filter(({ samples }) =>
    over(samples.failed + samples.excluded, samples.attempted, LOST_SHARE),
  );
  const tainted = some.filter(({ samples }) => over(samples.tainted, samples.attempted, TAINTED_SHARE));
  return [
    ...listed('grave', 'No samples', none),
    ...listed('caution', 'Failed or excluded', lost),
    ...disturbed(tainted, cells.length),
  ];
}

function over(part: number, whole: number, share: number): boolean {
  return whole > 0 && part / whole > share;
}

/** Cells named one by one; the table of samples has them all. */
const NAMED = 5;

function listed(severity: Problem['severity'], what: string, cells: readonly CellResult[]): Problem[] {
  if (cells.length === 0) return [];
  const named = cells.slice(0, NAMED).map((cell) => `${cell.id} (${fates(cell)})`);
  const more = cells.length > NAMED ? [counted(cells.length - NAMED, 'more cell')] : [];
  return [{ severity, text: `${what}: ${enumeration([...named, ...more])}.` }];
}

function fates({ samples: { attempted, failed, excluded } }: CellResult): string {
  if (attempted === 0) return 'nothing was attempted';
  return `${integer(failed)} failed and ${integer(excluded)} excluded of ${counted(attempted, 'attempt')}`;
}

function disturbed(cells: readonly CellResult[], all: number): Problem[] {
  if (cells.length === 0) return [];
  const shares = cells.map(({ samples }) => samples.tainted / samples.attempted);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const range = least === most ? percent(least) : `${percent(least)} to ${percent(most)}`;
  const where = cells.length === 1 ? (cells[0]?.id ?? '') : `${cells.length} of ${counted(all, 'cell')}`;
  const text = `The machine or the link disturbed ${range} of the attempts of ${where}; they are left out of the figures.`;
  return [{ severity: 'caution', text }];
}
