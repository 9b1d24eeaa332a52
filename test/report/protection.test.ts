import { expect, test } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import { chartsOf } from '../../src/report/charts/index.ts';
import { fleetGroups } from '../../src/report/groups.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { detectedTable, methodsTable, protectionGroups } from '../../src/report/protection.ts';
import { reportTerminal } from '../../src/report/terminal.ts';
import { fixture } from './fixture.ts';
import { protectedLoads } from './fixture-protection.ts';
import { variant, VARIANTS } from './variants.ts';

const titles = ({ columns }: { columns: { title: string }[] }): string[] => columns.map(({ title }) => title);

test('methods stand beside each other in one answer, mode by mode', () => {
  const results = protectedLoads();
  for (const cell of results.cells) {
    const { throughput, mode, workload } = cell;
    if (throughput?.endToEnd === undefined) continue;
    const of = ['pubsub', 'crc32', 'broker', 'ed25519', 'gcm'].findIndex((word) => workload.endsWith(word));
    throughput.endToEnd.p50Ms = (mode === 'plain' ? 0.6 : 0.9) + of / 10;
  }
  const answers = answersOf(results).filter(({ group }) => group.cells.some(({ throughput }) => throughput));
  expect(answers.map(({ sentences }) => sentences)).toMatchInlineSnapshot(`
    [
      [
        "Over a link without delay, with 200 messages a second of 64 bytes at QoS 0, 20 publishers and 1 subscriber, the median message takes with plain 0.60 ms, and 0.70 ms (crc32) to 1.00 ms (ed25519-aes-128-gcm) where it is protected; with tls13 0.90 ms, and 1.00 ms (crc32) to 1.30 ms (ed25519-aes-128-gcm) where it is protected.",
        "Each payload grows by 15 (crc32) to 91 bytes (ed25519-aes-128-gcm).",
        "Receivers opened genuine messages 16,000 times, and refused some: 1 with plain and ed25519-aes-128-gcm and 1 with tls13 and ed25519-aes-128-gcm.",
        "Messages that were altered on their way (a flipped bit, another topic, an earlier one again) came to receivers 120 times, and were not always refused: 14 of 15 with plain and crc32 (1 taken for genuine) and 14 of 15 with tls13 and crc32 (1 taken for genuine).",
        "No message was lost.",
      ],
    ]
  `);
});

test('the methods’ table has a row for each mode and method, in the order of the modes', () => {
  const [group] = protectionGroups(protectedLoads());
  if (group === undefined) throw new Error('no group');
  const table = methodsTable(group);
  expect(table.rows.map(({ cells: [mode, protection, added] }) => [mode, protection, added])).toEqual(
    ['plain', 'tls13'].flatMap((mode) => [
      [mode, 'none', '0'],
      [mode, 'crc32', '15'],
      [mode, 'aes-128-gcm', '27'],
      [mode, 'aes-128-gcm@client-to-broker', '27'],
      [mode, 'ed25519-aes-128-gcm', '91'],
    ]),
  );
});

test('what each method told is a table where messages were altered, and only there', () => {
  const [group] = protectionGroups(protectedLoads());
  if (group === undefined) throw new Error('no group');
  const detected = detectedTable(group);
  expect(titles(detected)).toEqual([
    'mode',
    'protection',
    'flipped bit',
    'other topic',
    'replayed',
    'taken for genuine',
    'genuine, refused',
  ]);
  expect(detected.rows.slice(0, 2).map(({ cells }) => cells)).toEqual([
    ['plain', 'crc32', '5 of 5', '5 of 5', '4 of 5', '1', '0'],
    ['plain', 'aes-128-gcm', '5 of 5', '5 of 5', '5 of 5', '0', '0'],
  ]);
  expect(reportMarkdown(protectedLoads())).toContain('4 of 5');
  const untouched = variant({}, (results) => {
    results.cells = protectedLoads().cells;
    for (const { throughput } of results.cells) delete throughput?.protection?.tampered;
  });
  const [quiet] = protectionGroups(untouched);
  expect(quiet && detectedTable(quiet).rows).toEqual([]);
  expect(reportMarkdown(untouched)).not.toContain('altered on their way');
});

test('a load’s own table has columns of protection where there is any', () => {
  const columns = (results: ReturnType<typeof fixture>): string[] =>
    fleetGroups(results, 'pubsub')
      .map(({ cells }) => cells.length)
      .map(String);
  // Workloads that differ are groups of their own.
  expect(columns(protectedLoads())).toEqual(['2', '2', '2', '2', '2']);
  const page = reportMarkdown(protectedLoads());
  expect(page.match(/\| mode +\| protection +\| bytes added \| asked/g)).toHaveLength(4);
  expect(reportMarkdown(VARIANTS['load alone']?.() ?? fixture())).not.toContain('protection');
});

test('loads that differ in more than their protection are not held against each other', () => {
  const results = protectedLoads();
  for (const { workload, throughput } of results.cells)
    if (throughput !== undefined && workload.includes('crc32')) throughput.askedPerSecond = 400;
  const groups = protectionGroups(results);
  expect(groups.map(({ cells }) => cells.length)).toEqual([8, 2]);
  expect(new Set(groups.map(({ id }) => id)).size).toBe(2);
  expect(groups[1]?.label).toContain('400 messages a second');
});

test('the terminal shows the methods in one table of its width', () => {
  const text = reportTerminal(protectedLoads());
  const rows = text.split('\n').filter((line) => /^(?:plain|tls13) +ed25519-aes-128-gcm +91/.test(line));
  expect(rows).toHaveLength(2);
  expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(100);
});

test('there is one chart a mode, with all that it shows in words too', () => {
  const charts = chartsOf(protectedLoads()).filter(({ kind }) => kind === 'protection');
  expect(charts.map(({ id }) => id)).toEqual(['protection-null-plain', 'protection-null-tls13']);
  expect(charts[0]?.alt).toContain('aes-128-gcm to the broker');
  expect(charts[0]?.alt).toContain('+27 B');
});
