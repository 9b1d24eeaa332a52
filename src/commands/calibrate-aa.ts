import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aaSchema, sensitivityOf, type Sensitivity } from '../compare/sensitivity.ts';
import { DEFAULT_SETTINGS } from '../compare/settings.ts';
import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { BackendName } from '../link/backend.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isSingleWorkload, SINGLE_KINDS } from '../swarm/workloads/settings/single.ts';
import { runAgainst } from './against.ts';
import { interruptible } from './interrupts.ts';
import { columns, log, print, printJson } from './output.ts';
import { runFolders } from './run-folders.ts';
import { unusable } from './unusable.ts';

export interface AaOptions {
  backend: 'auto' | BackendName;
  seed?: number;
  rounds?: number;
  effectMs?: number;
  out?: string;
  allowUncalibrated?: boolean;
  targetIsMine?: boolean;
  json?: boolean;
}

const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));
/** The reference case takes half a minute with them. */
const ROUNDS = 40;
const EFFECT_MS = 5;

/** `calibrate --aa [SCENARIO]`: measures a scenario against itself, and says what this machine can detect. */
export async function executeAa(path: string | undefined, options: AaOptions): Promise<ExitCode> {
  const { rounds = ROUNDS, effectMs = EFFECT_MS, seed, json = false } = options;
  if (effectMs === 0) throw usageError('--effect-ms 0: no number of rounds detects nothing');
  const set = [`rounds=${rounds}`, ...(seed === undefined ? [] : [`seed=${seed}`])];
  const scenario = await loadScenario(path ?? REFERENCE, { set });
  checkWorkloads(scenario);
  const [folder = ''] = await runFolders([`${scenario.name}-aa`], options.out, new Date());
  const variants = { baseline: scenario, candidate: scenario };
  const { baseline, candidate, comparison, results, interrupted } = await interruptible(async (signal) => {
    // A false alarm is what is looked for.
    const once = { ...options, confirm: false };
    const paired = await runAgainst(variants, folder, DEFAULT_SETTINGS, once, signal);
    return { ...paired, interrupted: signal.aborted };
  });
  for (const each of results) {
    const code = unusable(each, { folder, ...options, interrupted });
    if (code !== undefined) return code;
  }
  const document = aaSchema.parse(sensitivityOf(baseline, candidate, comparison, effectMs));
  const file = join(folder, 'aa.json');
  await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
  if (json) printJson(document);
  else print(pageOf(document));
  log(`${file}: give it to compare, gate and run with --aa`);
  return EXIT.good;
}

/** Only what has rounds can be resampled. Beside such cells others are measured too, and nothing is said of them. */
function checkWorkloads({ name, workloads }: Scenario): void {
  if (workloads.some(isSingleWorkload)) return;
  throw usageError(
    `${name} has no workload that calibrate --aa can say something of: ${workloads.map(({ kind }) => kind).join(', ')}`,
    `It is for workloads of rounds: ${SINGLE_KINDS.join(', ')}. What a fleet or a load can tell follows from a history of runs (compare --history).`,
  );
}

function pageOf({ scenario, rounds, effectMs, judged, falseAlarms, cells }: Sensitivity): string {
  return [
    `${scenario} against itself, ${rounds} rounds: ${falseAlarms.length} false alarms among ${judged} timings.`,
    ...falseAlarms.map((text) => `  ${text}`),
    '',
    columns(
      [
        'cell',
        'milestone',
        'rounds',
        'median, ms',
        'detectable, ms',
        `rounds for ${effectMs} ms`,
        'two runs, ms',
      ],
      cells.map(({ id, what, rounds: kept, medianMs, paired, separate }) => [
        id.split('/').slice(0, 2).join('/'),
        what,
        kept,
        medianMs.toFixed(2),
        paired.detectableMs.toFixed(2),
        paired.roundsForEffect,
        separate.detectableMs.toFixed(2),
      ]),
      ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
    ),
    '',
    'Detectable: the smallest difference that a paired run of so many undisturbed rounds tells from none with 95 % power;',
    'between two runs it is the last column and what differs between whole runs besides. A floor comes on top.',
  ].join('\n');
}
