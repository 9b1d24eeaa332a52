import { readdirSync, readFileSync } from 'node:fs';
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

test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))(
  'an editor finds no fault with %s',
  (file) => {
    const text = read(file);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./scenario.schema.json');
    expect(faults(parse(text))).toEqual([]);
  },
);

test.each([
  ['both delays of a link', { links: [{ oneWayMs: 34, rttMs: 68 }] }],
  ['no delay of a link', { links: [{ name: 'fast' }] }],
  ['an unknown profile', { links: ['refrence'] }],
  ['an unknown mode', { modes: ['tsl13'] }],
  ['an unknown key', { nosuch: 1 }],
])('an editor marks %s', (_, part) => {
  const scenario = { ...(parse(read('reference.yaml')) as object), ...part };
  expect(faults(scenario)).not.toEqual([]);
});

test('an editor takes any name of a link where the scenario has profiles of its own', () => {
  const scenario = { ...(parse(read('reference.yaml')) as object), links: ['our-lte'] };
  expect(faults(scenario)).not.toEqual([]);
  expect(faults({ ...scenario, linkProfiles: 'ours.yaml' })).toEqual([]);
  expect(faults({ ...scenario, linkProfiles: ['ours.yaml'], links: ['Our LTE'] })).not.toEqual([]);
});

/**
 * What an editor says of a scenario. The schema's alternatives are asked by themselves: zod takes a key that one half of
 * an intersection forbids when the other does not.
 */
function faults(scenario: unknown): unknown[] {
  const { anyOf, ...rest } = JSON.parse(read('scenario.schema.json')) as z.core.JSONSchema.JSONSchema;
  expect(anyOf).toHaveLength(2);
  return [rest, { anyOf }].flatMap(
    (half) => z.fromJSONSchema(half as z.core.JSONSchema.JSONSchema).safeParse(scenario).error?.issues ?? [],
  );
}
