import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts';

const FOLDER = new URL('../../scenarios/', import.meta.url);

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

test('the committed schema is the one that the code makes', () => {
  expect(
    read('scenario.schema.json'),
    'It has drifted. Make it anew: npm run -s bench -- schema > scenarios/scenario.schema.json',
  ).toBe(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
});

test.each(['reference.yaml', 'telemetry.yaml'])('an editor finds no fault with %s', (file) => {
  const text = read(file);
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./scenario.schema.json');
  expect(z.fromJSONSchema(committed()).safeParse(parse(text)).error).toBeUndefined();
});

test.each([
  ['both delays of a link', { links: [{ oneWayMs: 34, rttMs: 68 }] }],
  ['no delay of a link', { links: [{ name: 'fast' }] }],
  ['an unknown profile', { links: ['refrence'] }],
  ['an unknown mode', { modes: ['tsl13'] }],
  ['an unknown key', { nosuch: 1 }],
])('an editor marks %s', (_, part) => {
  const scenario = { ...(parse(read('reference.yaml')) as object), ...part };
  expect(z.fromJSONSchema(committed()).safeParse(scenario).success).toBe(false);
});

function committed(): z.core.JSONSchema.JSONSchema {
  return JSON.parse(read('scenario.schema.json')) as z.core.JSONSchema.JSONSchema;
}
