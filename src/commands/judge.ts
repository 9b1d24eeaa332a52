import { writeFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { CompareOptions } from '../compare/compare.ts';
import { EFFECT_KINDS, type EffectKind } from '../compare/comparison.ts';
import { readSensitivity } from '../compare/sensitivity.ts';
import { DEFAULT_SETTINGS } from '../compare/settings.ts';
import { usageError, type BenchError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readHistory } from '../history/file.ts';
import { LEAST_FLOOR_MS, learnFrom } from '../history/learned.ts';
import { FORMATS, type FormatName } from '../report/comparison/index.ts';
import type { Judgement } from '../report/comparison/judgement.ts';
import { judgementTerminal } from '../report/comparison/terminal.ts';
import { print, printJson } from './output.ts';
import { cannotWrite, checkWritable } from './writable.ts';

/** Options that `compare` and `gate` have in common. */
export interface JudgeOptions {
  minEffectMs?: number;
  minEffectPercent?: number;
  /** Kinds of effects, with commas between. */
  only?: string;
  /** The file of a history. */
  history?: string;
  failOnInconclusive?: boolean;
  /** An aa.json: what the machine can detect. */
  aa?: string;
  /** `format=file` each. */
  write?: string[];
  json?: boolean;
}

/**
 * What is too small to matter or to be seen, and what is judged, by the options. Throws a usage error, also where the
 * files of `--aa` and `--history` cannot be read, before anything is measured. `--min-effect-ms` is the least that a
 * learned floor may be.
 */
export async function settingsOf(options: JudgeOptions): Promise<Omit<CompareOptions, 'paired'>> {
  const { minEffectMs, minEffectPercent, only, aa, history: file } = options;
  const past = file === undefined ? undefined : await readHistory(file);
  return {
    minEffectMs: minEffectMs ?? DEFAULT_SETTINGS.minEffectMs,
    minEffectPercent: minEffectPercent ?? DEFAULT_SETTINGS.minEffectPercent,
    ...(only === undefined ? {} : { only: kindsOf(only) }),
    ...(aa === undefined ? {} : { sensitivity: await readSensitivity(aa) }),
    ...(file === undefined || past === undefined
      ? {}
      : { history: { file, learn: (runs) => learnFrom(past, runs, minEffectMs ?? LEAST_FLOOR_MS) } }),
  };
}

/** What is missing is judged as what it would have been. */
const KINDS = EFFECT_KINDS.filter((kind) => kind !== 'missing');

function kindsOf(text: string): EffectKind[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(KINDS as readonly string[]).includes(name));
  if (unknown === undefined) return names as EffectKind[];
  throw usageError(`--only ${text}: expected some of ${KINDS.join(', ')}, with commas between`);
}

/** Options that say how runs are compared, which mean nothing where there is one alone. */
const COMPARING = ['minEffectMs', 'minEffectPercent', 'only', 'history', 'aa'] as const;

/** The first option that is about a comparison, or one of `others`, as it is written: `--min-effect-ms`; undefined when none was given. */
export function comparingOption(
  options: JudgeOptions,
  others: readonly ('failOnInconclusive' | 'write')[] = [],
): string | undefined {
  const given = [...COMPARING, ...others].find((option) => options[option] !== undefined);
  return given && `--${given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A file that is to be written, and how. */
interface Writing {
  format: FormatName;
  file: string;
}

/**
 * Reads `format=file` of each `--write`. Throws a usage error, before anything is measured, where it is none or the file
 * could not be written. Files in the run folder are looked at when it is there.
 */
export function writingsOf({ write = [], out }: JudgeOptions & { out?: string }): Writing[] {
  return write.map((text) => {
    const equals = text.indexOf('=');
    const format = text.slice(0, Math.max(0, equals));
    const file = text.slice(equals + 1);
    if (!Object.hasOwn(FORMATS, format) || file === '') {
      const names = Object.keys(FORMATS).join(', ');
      throw usageError(`--write ${text}: expected FORMAT=FILE, with a FORMAT of ${names}`);
    }
    const isInRun = out !== undefined && resolve(file).startsWith(resolve(out) + sep);
    if (!isInRun) checkWritable(file, '--write');
    return { format: format as FormatName, file };
  });
}

/**
 * Prints a judgement, as JSON (`document`) or for people, and then writes what `--write` asks for, as far as it can be
 * written. Throws a usage error for the first file that cannot.
 */
export async function tellJudgement(
  judgement: Judgement,
  document: unknown,
  { json = false, writings }: { json?: boolean; writings: readonly Writing[] },
): Promise<void> {
  // A verdict that took minutes is not lost for a file.
  if (json) printJson(document);
  else print(judgementTerminal(judgement));
  const problems: BenchError[] = [];
  for (const { format, file } of writings)
    await writeFile(file, FORMATS[format](judgement)).catch((error: unknown) => {
      problems.push(cannotWrite(file, '--write', error));
    });
  const [first] = problems;
  if (first !== undefined) throw first;
}

/** The exit code of a judgement: a regression outweighs lost attempts, those outweigh what nobody knows. */
export function exitCodeOf({ comparison, gate }: Judgement, failOnInconclusive: boolean): ExitCode {
  const failed = (gate?.checks ?? []).filter(({ passed }) => !passed);
  if (comparison?.verdict === 'regressed') return EXIT.regression;
  if (failed.some(({ expectation }) => expectation !== 'failureBudget')) return EXIT.regression;
  if (failed.length > 0) return EXIT.overBudget;
  return comparison?.verdict === 'inconclusive' && failOnInconclusive ? EXIT.inconclusive : EXIT.good;
}
