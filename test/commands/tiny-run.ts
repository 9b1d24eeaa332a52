import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsSchema, type Results } from '../../src/results/schema.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const TINY = `name: tiny
question: Does it run?
modes: [plain, tls13]
links: [null]
workload: { kind: handshake, connectionsPerSecond: 50 }
rounds: 5
warmupRounds: 1
`;

// What is tested here does not depend on how quiet the machine is.
export const RUN_INTO_OUT = ['run', 'tiny.yaml', '--out', 'out', '--allow-uncalibrated'];

export function setting(...values: string[]): string[] {
  return values.flatMap((value) => ['--set', value]);
}

/** A folder with a scenario of a second's length in it. */
export function workplace(text = TINY): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.yaml'), text);
  return folder;
}

export function resultsIn(folder: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')));
}
