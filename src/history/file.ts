import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { messageOf, usageError } from '../errors.ts';
import { HISTORY_VERSION, historyEntrySchema, type HistoryEntry } from './entry.ts';

const MEND =
  'Take the line out, or get the file back from where it is kept (version control, a cache): nothing else in it is lost.';

/**
 * Reads a history file, oldest run first, in whatever order they were added. Throws a usage error that names file and
 * line: of another version, not JSON, not of the schema, a run that stands there twice; or that there is no such file.
 */
export async function readHistory(file: string): Promise<HistoryEntry[]> {
  const entries = await readIfThere(file);
  if (entries !== undefined) return entries;
  throw usageError(
    `Cannot read ${file}: there is no such history`,
    `\`history add RUN --file ${file}\` begins one.`,
  );
}

async function readIfThere(file: string): Promise<HistoryEntry[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw usageError(`Cannot read ${file}: ${messageOf(error)}`, 'Name a file that `history add` wrote.');
  }
  const lines = text.split('\n');
  // Each line ends with a line feed; what comes after the last is a line that was cut, whatever it looks like.
  const cut = lines.pop();
  const places = new Map<string, number>();
  const entries = lines.map((line, index) => {
    const fault = (problem: string): Error => usageError(`${file}:${index + 1}: ${problem}`, MEND);
    const entry = parseLine(line, fault);
    const first = places.get(entry.run);
    if (first !== undefined) throw fault(`the same run as in line ${first}`);
    places.set(entry.run, index + 1);
    return entry;
  });
  if (cut !== '') throw usageError(`${file}:${lines.length + 1}: it ends in the middle of a line`, MEND);
  return inOrder(entries);
}

function parseLine(line: string, fault: (problem: string) => Error): HistoryEntry {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (error) {
    throw fault(`not JSON (truncated?): ${messageOf(error)}`);
  }
  const version = z.looseObject({ historyVersion: z.int() }).safeParse(data);
  if (!version.success) throw fault('no run of a history: it has no historyVersion');
  if (version.data.historyVersion !== HISTORY_VERSION) {
    throw fault(
      `historyVersion ${version.data.historyVersion}; this version of the tool reads ${HISTORY_VERSION}`,
    );
  }
  const parsed = historyEntrySchema.safeParse(data);
  if (!parsed.success) throw fault(`not a run of a history:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Appends runs to a history file, which is made when it is not there; those that it has already are left out. All are
 * written at once, so that nothing is added when a line of the file is at fault. Answers what became of each.
 */
export async function addToHistory(
  file: string,
  entries: readonly HistoryEntry[],
): Promise<{ added: HistoryEntry[]; known: HistoryEntry[]; total: number }> {
  const before = (await readIfThere(file)) ?? [];
  const seen = new Set(before.map(({ run }) => run));
  const added: HistoryEntry[] = [];
  const known: HistoryEntry[] = [];
  for (const entry of entries) {
    (seen.has(entry.run) ? known : added).push(entry);
    seen.add(entry.run);
  }
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, added.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  } catch (error) {
    throw usageError(`Cannot write ${file}: ${messageOf(error)}`, 'Name another file with --file.');
  }
  return { added, known, total: before.length + added.length };
}

function inOrder(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
}
