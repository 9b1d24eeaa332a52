import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { MILESTONE_NAMES, MILESTONES, type Milestone } from '../measure/milestones.ts';
import { tripsTo } from '../model/theory.ts';
import { MODE_NAMES, MODES } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { or } from '../scenario/wording.ts';
import { columns, print, printJson, style } from './output.ts';

/** `modes [NAME]`: what modes there are, or all that is known of one. */
export function execute(name: string | undefined, { json = false }: { json?: boolean }): ExitCode {
  if (name === undefined) {
    if (json) printJson(MODES.map(describe));
    else print(list());
    return EXIT.good;
  }
  const mode: Mode | undefined = MODES.find((candidate) => candidate.name === name);
  if (mode === undefined) {
    throw usageError(
      `There is no mode "${name}"${didYouMean(name, MODE_NAMES)}`,
      `The modes are ${or(MODE_NAMES)}.`,
    );
  }
  if (json) printJson(describe(mode));
  else print(page(mode));
  return EXIT.good;
}

function describe({ name, title, description, theory, expected }: Mode): unknown {
  return {
    name,
    title,
    description,
    flights: theory.flights,
    trips: Object.fromEntries(tripsOf(theory)),
    expected,
    sources: theory.sources,
  };
}

function tripsOf(theory: Mode['theory']): [Milestone, number][] {
  return MILESTONE_NAMES.flatMap((milestone) => {
    const trips = tripsTo(theory, milestone);
    return trips === undefined ? [] : [[milestone, trips]];
  });
}

function list(): string {
  const trips = ({ theory }: Mode, milestone: Milestone): number | string =>
    tripsTo(theory, milestone) ?? '-';
  return [
    columns(
      ['mode', 'title', 'first data', 'CONNACK', 'PUBLISH', 'what it is'],
      MODES.map((mode: Mode) => [
        mode.name,
        mode.title,
        trips(mode, 'connectReceived'),
        trips(mode, 'connackReceived'),
        trips(mode, 'publishReceived'),
        mode.description,
      ]),
      ['left', 'left', 'right', 'right', 'right', 'left'],
    ),
    '',
    "Figures are one-way trips from the client's SYN: until the broker holds the first byte of CONNECT, until the client",
    'holds CONNACK, until the broker holds the first PUBLISH when the client waits for CONNACK.',
  ].join('\n');
}

function page(mode: Mode): string {
  const { theory } = mode;
  const flights = theory.flights.map(({ from, sends, arrives }, trips) => [
    `  ${trips}`,
    from === 'client' ? 'client → broker' : 'broker → client',
    sends.join(', ') + (arrives.length === 0 ? '' : ` ⇒ ${arrives.join(', ')}`),
  ]);
  const trips = tripsOf(theory).map(([milestone, count]) => [
    '',
    milestone,
    count,
    MILESTONES[milestone].meaning,
  ]);
  return [
    `${style('bold', mode.name)}: ${mode.title}`,
    mode.description,
    '',
    style('bold', 'Flights, each with the one-way trips before it leaves'),
    columns([], flights),
    '',
    style('bold', "One-way trips from the client's SYN (QoS 1; the client waits for CONNACK)"),
    columns([], trips, ['left', 'left', 'right', 'left']),
    '',
    style('bold', 'What must be negotiated; a connection that differs is excluded and counted'),
    columns([], negotiation(mode)),
    '',
    style('bold', 'Sources'),
    ...theory.sources.map((source) => `  ${source}`),
  ].join('\n');
}

function negotiation({ expected }: Mode): string[][] {
  const yes = (value: boolean): string => (value ? 'yes' : 'no');
  return [
    ['', 'protocol', expected.protocol ?? 'none (plain TCP)'],
    ['', 'cipher suite', expected.suite ?? 'none'],
    ['', 'key-exchange group', expected.group ?? 'none'],
    ['', 'session resumed', yes(expected.resumed)],
    ['', 'pre-shared key', yes(expected.psk)],
    ['', 'broker certificate verified', yes(expected.brokerCertificate)],
    ['', 'client certificate verified', yes(expected.clientCertificate)],
    ['', "Nagle's algorithm", 'off at both ends'],
  ];
}
