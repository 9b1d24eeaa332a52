import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults } from '../../src/results/read.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fixture } from '../report/fixture.ts';

test.each([
  ['cut', (hdr: string) => hdr.slice(0, 40)],
  [
    'with a letter that is another',
    (hdr: string) => `${hdr.slice(0, 40)}${hdr[40] === 'A' ? 'B' : 'A'}${hdr.slice(41)}`,
  ],
  ['of something else', () => Buffer.from('a histogram, or is it?').toString('base64')],
  ['no base64', () => 'HISTFAAAA…'],
  ['empty', () => ''],
])('a histogram that is %s: exit code 2; file, cell and milestone are named', async (_, damage) => {
  const file = join(temporaryFolder(), 'results.json');
  const results = fixture({ modes: ['plain', 'tls13'], samples: 20 });
  const [, tls13] = results.cells;
  const { connackReceived } = tls13?.milestones ?? {};
  if (connackReceived === undefined) throw new Error('a fixture without times');
  connackReceived.hdr = damage(connackReceived.hdr);
  writeFileSync(file, JSON.stringify(results));
  await expect(readResults(file)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /results\.json has a damaged histogram .* in tls13\/reference\/aedes\/direct\/handshake, milestones connackReceived: /,
    ),
    mend: expect.stringContaining('run the scenario again'),
  });
});
