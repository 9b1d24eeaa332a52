import { expect, test } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import { fleetGroups } from '../../src/report/groups.ts';
import { holdTable } from '../../src/report/workloads/hold.ts';
import { stormTable } from '../../src/report/workloads/storm.ts';
import type { Results } from '../../src/results/schema.ts';
import { VARIANTS } from './variants.ts';

function sentencesOf(make: (() => Results) | undefined): string[] {
  if (make === undefined) throw new Error('no such results');
  return answersOf(make()).flatMap(({ sentences }) => sentences);
}

function rowsOf(make: (() => Results) | undefined, kind: 'storm' | 'hold'): Record<string, string>[] {
  if (make === undefined) throw new Error('no such results');
  const [group] = fleetGroups(make(), kind);
  if (group === undefined) throw new Error('no group');
  const { columns, rows } = (kind === 'storm' ? stormTable : holdTable)(group);
  return rows.map(({ cells }) =>
    Object.fromEntries(columns.map(({ title }, index) => [title, cells[index] ?? ''])),
  );
}

test('a storm is told by when the last one was there, by who was lost, and by whose limit it was', () => {
  expect(sentencesOf(VARIANTS['after a storm'])).toEqual([
    'Over a link without delay, the last of 1,000 clients that came at once held CONNACK after 140.0 ms with plain, 1,530.0 ms with tls13, and 980.0 ms with tls13-resumed; tls13 lost 10 of 1,000 clients and tls12-psk lost 1000 of 1,000 clients.',
    'The median client held CONNACK so long after its intended start, without TLS: 73.5 ms with plain; in full: 803.3 ms with tls13; resumed: 514.5 ms with tls13-resumed.',
    'A client process could do no more with tls13 (97 % of a core, up to 31 ms late), tls13-resumed (97 % of a core, up to 31 ms late), and tls12-psk (97 % of a core, up to 31 ms late): there it is the generator’s limit as much as the broker’s.',
  ]);
  const [plain, full] = rowsOf(VARIANTS['after a storm'], 'storm');
  expect(plain).toMatchObject({ mode: 'plain', connected: '1,000', 'broker’s CPU': '–', 'why not': '–' });
  expect(full).toMatchObject({
    connected: '990',
    overflows: '12',
    'why not': 'tcp-timeout 10',
    'clients’ CPU': '97 %',
  });
});

test('held clients are told by what one takes at each end, and who was lost', () => {
  expect(sentencesOf(VARIANTS['while held'])).toEqual([
    'Over a link without delay, an idle client takes 17.0 KiB and 8.0 at the broker with plain, 92.0 KiB and −0.4 at the broker with tls13, and 88.0 KiB with tls12; tls13 had lost 20 of 1,000 clients.',
    'With a keep-alive of 15 s it costs the clients’ end and the broker’s so many microseconds of CPU a second: 21.3 and 9.5 with plain, 21.3 and 9.5 with tls13, and 21.3 with tls12.',
  ]);
  const rows = rowsOf(VARIANTS['while held'], 'hold');
  expect(rows[1]).toMatchObject({
    held: '980',
    'pings due': '1,333',
    answered: '1,313',
    'why not': 'lost:no-pingresp 20',
  });
  expect(rows[3]).toMatchObject({ mode: 'tls13-psk', clients: 'no samples', held: '–' });
});
