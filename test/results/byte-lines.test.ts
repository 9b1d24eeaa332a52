import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesOf } from '../../src/results/byte-lines.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

async function linesIn(text: string): Promise<string[]> {
  const file = join(temporaryFolder(), 'lines');
  writeFileSync(file, text);
  const lines: string[] = [];
  // Each is good until the next is asked for.
  for await (const line of linesOf(file)) lines.push(line.toString());
  return lines;
}

/** Around the size of what is read at a time, and several times that. */
const LENGTHS = [0, 1, 262_142, 262_143, 262_144, 0, 700_001, 3];

test.each(['\n', '\r\n'])('lines of any length are told without their end, %j', async (end) => {
  const lines = LENGTHS.map((length, index) => String(index).repeat(length));
  expect(await linesIn(lines.map((line) => `${line}${end}`).join(''))).toEqual(lines);
});

test('a last line without an end is one, and nothing is none', async () => {
  expect(await linesIn('a\nb')).toEqual(['a', 'b']);
  expect(await linesIn('')).toEqual([]);
  expect(await linesIn('\n')).toEqual(['']);
});
