import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BenchError } from '../../src/errors.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** A scenario that loads. */
export const GOOD = `name: good
question: Does it load?
modes: [plain, tls13]
links: [reference]
workload: { kind: handshake }
`;

/** What is told of a scenario that cannot be loaded, without the folder's name. */
export async function complaint(text: string, set: string[] = []): Promise<string> {
  const folder = temporaryFolder();
  const file = join(folder, 'it.yaml');
  writeFileSync(file, text);
  return complaintOf(file, folder, set);
}

/** The same for a file that is there. */
export async function complaintOf(file: string, folder: string, set: string[] = []): Promise<string> {
  const error: unknown = await loadScenario(file, { set }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BenchError);
  const { exitCode, message, mend = '' } = error as BenchError;
  expect(exitCode).toBe(2);
  return `${message}\n${mend}`.trim().replaceAll(`${folder}/`, '');
}

/** The scenario of that text. */
export async function load(text: string, set: string[] = []): ReturnType<typeof loadScenario> {
  const file = join(temporaryFolder(), 'it.yaml');
  writeFileSync(file, text);
  return loadScenario(file, { set });
}

/** The good scenario with one line put in the place of the line of that key. */
export function having(line: string): string {
  const key = line.slice(0, line.indexOf(':') + 1);
  const kept = GOOD.split('\n').filter((other) => !other.startsWith(key));
  return [...kept.slice(0, -1), line, ''].join('\n');
}
