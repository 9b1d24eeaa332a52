import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli } from '../helpers/cli.ts';

test('prints what is committed as scenarios/scenario.schema.json', async () => {
  const { code, stdout, stderr } = await cli('schema');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const committed = readFileSync(new URL('../../scenarios/scenario.schema.json', import.meta.url), 'utf8');
  expect(`${stdout}\n`).toBe(committed);
});
