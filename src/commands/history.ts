import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { HistoryEntry } from '../history/entry.ts';
import { addToHistory, readHistory } from '../history/file.ts';
import { entryOf } from '../history/from-run.ts';
import { historyHtml, historySvg } from '../report/history/page.ts';
import { historyTerminal } from '../report/history/terminal.ts';
import { runName } from '../report/history/trends.ts';
import { readResults } from '../results/read.ts';
import { print, printJson } from './output.ts';
import { cannotWrite } from './writable.ts';

/** `history add RUN… --file FILE`: appends runs that are not in it yet. */
export async function add(
  paths: string[],
  { file, label }: { file: string; label?: string },
): Promise<ExitCode> {
  const entries: HistoryEntry[] = [];
  for (const path of paths) {
    const results = await readResults(path);
    if (!results.complete) {
      throw usageError(
        `${path} did not finish: its medians would stand beside those of whole runs`,
        'Run the scenario again, and add that run.',
      );
    }
    entries.push(entryOf(results, label));
  }
  const { added, known, total } = await addToHistory(file, entries);
  for (const entry of known) print(`${runName(entry)} was in ${file} already, and was not added again.`);
  print(`${file}: ${added.length} added, ${total} in all.`);
  return EXIT.good;
}

interface ShowOptions {
  file: string;
  /** Texts, of which a cell's name must have one. */
  cell?: string[];
}

/** `history show --file FILE`: the runs, and each cell over them. */
export async function show({ file, cell = [], json }: ShowOptions & { json?: boolean }): Promise<ExitCode> {
  const history = await shownOf(file, cell);
  if (json === true) printJson(history);
  else print(historyTerminal(history));
  return EXIT.good;
}

/** `history chart --file FILE --out FILE.svg|html`: draws the trends. */
export async function chart({ file, cell = [], out }: ShowOptions & { out: string }): Promise<ExitCode> {
  const draw = { '.svg': historySvg, '.html': historyHtml }[extname(out)];
  if (draw === undefined)
    throw usageError(`--out ${out}: expected a file that ends in .svg or .html, by which it is drawn`);
  const text = await draw(await shownOf(file, cell));
  try {
    await writeFile(out, text);
  } catch (error) {
    throw cannotWrite(out, '--out', error);
  }
  print(out);
  return EXIT.good;
}

/** The runs with the cells that are asked for, and no run that has none of them. */
async function shownOf(file: string, only: readonly string[]): Promise<HistoryEntry[]> {
  const history = await readHistory(file);
  if (history.length === 0)
    throw usageError(`${file} has no run yet`, `\`history add RUN --file ${file}\` adds one.`);
  const asked = (id: string): boolean => only.some((text) => id.includes(text));
  if (only.length === 0) return history;
  const shown = history
    .map((entry) => ({ ...entry, cells: entry.cells.filter(({ id }) => asked(id)) }))
    .filter(({ cells }) => cells.length > 0);
  if (shown.length > 0) return shown;
  const known = [...new Set(history.flatMap(({ cells }) => cells.map(({ id }) => id)))];
  throw usageError(`No cell of ${file} has ${only.join(' or ')} in its name`, `It has ${known.join(', ')}.`);
}
