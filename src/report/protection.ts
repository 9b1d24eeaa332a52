import { TAMPERINGS, type Tampering } from '../payload/tampering.ts';
import { workloadKindOf } from '../results/cell.ts';
import type { CellResult, LoadProtection, Results, Throughput } from '../results/schema.ts';
import { counted } from '../words.ts';
import { enumeration, fixed, integer, ms, msText, NONE, slug } from './format.ts';
import { groupsOf, whereOf, type Group } from './groups.ts';
import { modeName } from './mode-name.ts';
import { columnsOf, type Table } from './tables.ts';

export const METHODS_WORDS =
  'Each way to protect payloads beside the others, under the same load. Bytes added: by which every payload grew. Milliseconds from a message’s intended time until its subscriber holds it in clear, protecting and opening included, measured. Protect, open: medians of single operations while the load ran, to 1 µs, measured. Refused: genuine messages that a receiver took for altered.';

export const DETECTED_WORDS =
  'What each method told of messages that were altered on their way, by accident or by somebody without a key: a bit flipped anywhere in them, come to another topic, an earlier message in the place of a new one. Each receiver is shown each of them: refused of shown. A checksum tells accidents alone: who alters a message on purpose computes it anew, which is not tried here (command: payload --attack).';

/** A cell of protected or unprotected load that has figures. */
type Load = CellResult & { throughput: Throughput };

/** How the payloads of a cell are protected: `aes-128-gcm`, `aes-128-gcm@client-to-broker`, `none`. */
export function protectionOf({ workload, throughput }: CellResult): string {
  const { method, place } = throughput?.protection ?? {};
  if (method === undefined) return modeName(workload).axes.get('protection') ?? 'none';
  return place === 'end-to-end' ? method : `${method}@${place}`;
}

/** Cells of load over one link, alike but for their modes and how payloads are protected, where some are. */
export function protectionGroups(results: Results): Group[] {
  const isLoad = (cell: CellResult): boolean => workloadKindOf(cell) === 'pubsub';
  return groupsOf(results, isLoad, ['broker', 'topology']).flatMap((group) => {
    const loads = Map.groupBy(group.cells, ({ throughput }) => loadWords(throughput));
    // What was cut short has no figures, and no place beside those that have.
    loads.delete('');
    return [...loads]
      .map(([words, cells]) => ({
        ...group,
        ...(loads.size === 1 ? {} : { id: slug(`${group.id}-${words}`), label: `${group.label}, ${words}` }),
        cells,
      }))
      .filter(({ cells }) => cells.some(({ throughput }) => throughput?.protection !== undefined));
  });
}

/** The load that was asked for. */
function loadWords(load: Throughput | undefined): string {
  if (load === undefined) return '';
  const { askedPerSecond, payloadBytes, qos, publishers, subscribers } = load;
  const rate = fixed(askedPerSecond, Number.isInteger(askedPerSecond) ? 0 : 1);
  return `${rate} messages a second of ${counted(payloadBytes, 'byte')} at QoS ${qos}, ${counted(publishers, 'publisher')} and ${counted(subscribers, 'subscriber')}`;
}

function loadsOf({ cells }: Group): Load[] {
  return cells.flatMap((cell) =>
    cell.throughput === undefined ? [] : [{ ...cell, throughput: cell.throughput }],
  );
}

/** The methods beside each other, mode by mode. */
export function methodsTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      'protection',
      '#bytes added',
      '#received msg/s',
      '#p50 ms',
      '#p95 ms',
      '#protect p50 µs',
      '#open p50 µs',
      '#refused',
      '#lost',
    ),
    rows: byMode(loadsOf(group)).flatMap(([mode, loads]) =>
      loads.map((cell) => {
        const { protection, endToEnd, receivedPerSecond, lost } = cell.throughput;
        const latency = endToEnd?.count === 0 ? undefined : endToEnd;
        return {
          cells: [
            mode,
            protectionOf(cell),
            integer(protection?.addedBytes ?? 0),
            fixed(receivedPerSecond, 1),
            ms(latency?.p50Ms),
            ms(latency?.p95Ms),
            integer(protection?.protectP50Us),
            integer(protection?.openP50Us),
            protection === undefined ? NONE : integer(protection.falseAlarms),
            integer(lost),
          ],
        };
      }),
    ),
  };
}

/** Loads by mode, each mode's in their own order. */
export function byMode<T extends { mode: string }>(loads: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(loads, ({ mode }) => mode)];
}

const TAMPERING_WORDS: Record<Tampering, string> = {
  flippedBit: 'flipped bit',
  otherTopic: 'other topic',
  replayed: 'replayed',
};

/** What each method told of altered messages; without rows where none were altered. */
export function detectedTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      'protection',
      ...TAMPERINGS.map((kind) => `#${TAMPERING_WORDS[kind]}`),
      '#taken for genuine',
      '#genuine, refused',
    ),
    rows: byMode(loadsOf(group)).flatMap(([mode, loads]) =>
      loads.flatMap((cell) => {
        const { protection } = cell.throughput;
        const { tampered } = protection ?? {};
        if (protection === undefined || tampered === undefined) return [];
        const found = TAMPERINGS.map((kind) => {
          const { injected = 0, detected = 0 } = tampered[kind] ?? {};
          return `${integer(detected)} of ${integer(injected * protection.receivers)}`;
        });
        return [
          {
            cells: [
              mode,
              protectionOf(cell),
              ...found,
              integer(totalsOf(protection).taken),
              integer(protection.falseAlarms),
            ],
          },
        ];
      }),
    ),
  };
}

/** Over all kinds of alterations: shown to receivers, refused and taken for genuine by them. */
function totalsOf({
  tampered = {},
  receivers,
}: LoadProtection): Record<'shown' | 'detected' | 'taken', number> {
  const totals = { shown: 0, detected: 0, taken: 0 };
  for (const { injected, detected, taken } of Object.values(tampered)) {
    totals.shown += injected * receivers;
    totals.detected += detected;
    totals.taken += taken;
  }
  return totals;
}

/** What protecting the payloads of a group cost, and what it detected. */
export function protectionSentences(group: Group): string[] {
  const loads = loadsOf(group);
  const costs = byMode(loads).flatMap(([mode, own]) => costOf(mode, own));
  const [first] = loads;
  return [
    `${whereOf(group)}, with ${loadWords(first?.throughput)}, the median message takes ${costs.length === 0 ? 'no time that was measured' : costs.join('; ')}.`,
    ...growth(loads),
    ...alarms(loads),
    ...alterations(loads),
    ...losses(loads),
  ];
}

/** `0.61 ms with plain, and protected 0.63 ms (hmac-sha256) to 0.95 ms (ed25519)`. */
function costOf(mode: string, loads: readonly Load[]): string[] {
  const timed = loads.flatMap((cell) => {
    const { endToEnd, protection } = cell.throughput;
    if (endToEnd === undefined || endToEnd.count === 0) return [];
    const text = `${msText(endToEnd.p50Ms)} (${protectionOf(cell)})`;
    return [{ isProtected: protection !== undefined, p50Ms: endToEnd.p50Ms, text }];
  });
  const bare = timed.find(({ isProtected }) => !isProtected);
  const secured = timed.filter(({ isProtected }) => isProtected).toSorted((a, b) => a.p50Ms - b.p50Ms);
  const [least, most] = [secured[0], secured.at(-1)];
  if (least === undefined || most === undefined) return [];
  const range = least === most ? least.text : `${least.text} to ${most.text}`;
  return [
    bare === undefined
      ? `with ${mode} ${range} where it is protected`
      : `with ${mode} ${msText(bare.p50Ms)}, and ${range} where it is protected`,
  ];
}

function growth(loads: readonly Load[]): string[] {
  const added = new Map(
    loads.flatMap((cell) => {
      const { protection } = cell.throughput;
      return protection === undefined ? [] : [[protection.method, protection.addedBytes] as const];
    }),
  );
  const bySize = [...added].toSorted((a, b) => a[1] - b[1]);
  const [least, most] = [bySize[0], bySize.at(-1)];
  if (least === undefined || most === undefined) return [];
  const range =
    least[1] === most[1]
      ? counted(least[1], 'byte')
      : `${integer(least[1])} (${least[0]}) to ${counted(most[1], 'byte')} (${most[0]})`;
  return [`Each payload grows by ${range}.`];
}

function alarms(loads: readonly Load[]): string[] {
  const opened = loads.flatMap((cell) => {
    const { protection } = cell.throughput;
    return protection === undefined ? [] : [{ cell, protection }];
  });
  const genuine = opened.reduce((sum, { protection }) => {
    const { verdicts, falseAlarms } = protection;
    return sum + (verdicts.genuine ?? 0) - totalsOf(protection).taken + falseAlarms;
  }, 0);
  const wrong = opened.filter(({ protection }) => protection.falseAlarms > 0);
  const times = `Receivers opened genuine messages ${counted(genuine, 'time')}`;
  if (wrong.length === 0) return [`${times}, and refused none.`];
  const named = wrong.map(
    ({ cell, protection }) =>
      `${integer(protection.falseAlarms)} with ${cell.mode} and ${protectionOf(cell)}`,
  );
  return [`${times}, and refused some: ${enumeration(named)}.`];
}

function alterations(loads: readonly Load[]): string[] {
  const tried = loads.flatMap((cell) => {
    const { protection } = cell.throughput;
    return protection?.tampered === undefined ? [] : [{ cell, ...totalsOf(protection) }];
  });
  const shown = tried.reduce((sum, each) => sum + each.shown, 0);
  if (tried.length === 0) return [];
  if (shown === 0) return ['Messages were to be altered on their way, and the share was too small for one.'];
  const missed = tried.filter((each) => each.detected < each.shown);
  const times = `Messages that were altered on their way (a flipped bit, another topic, an earlier one again) came to receivers ${counted(shown, 'time')}`;
  if (missed.length === 0) return [`${times}, and were always refused.`];
  const named = missed.map(
    ({ cell, shown, detected, taken }) =>
      `${integer(detected)} of ${integer(shown)} with ${cell.mode} and ${protectionOf(cell)}${taken === 0 ? '' : ` (${integer(taken)} taken for genuine)`}`,
  );
  return [`${times}, and were not always refused: ${enumeration(named)}.`];
}

function losses(loads: readonly Load[]): string[] {
  const lossy = loads.filter(({ throughput }) => throughput.lost > 0);
  if (lossy.length === 0) return ['No message was lost.'];
  const named = lossy.map(
    (cell) =>
      `${cell.mode} with ${protectionOf(cell)} lost ${counted(cell.throughput.lost, 'delivery', 'deliveries')}`,
  );
  return [`${enumeration(named)}.`];
}
