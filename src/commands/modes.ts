import { EXIT, type ExitCode } from '../exit-codes.ts';
import { MILESTONE_NAMES, MILESTONES, type Milestone } from '../measure/milestones.ts';
import { tripsTo } from '../model/theory.ts';
import { MODES } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { flightDiagram } from './flight-diagram.ts';
import { modeOf } from './mode-names.ts';
import { columns, print, printJson, style } from './output.ts';

/** `modes [NAME]`: what modes there are, or all that is known of one, which may have axes in its name. */
export function execute(name: string | undefined, { json = false }: { json?: boolean }): ExitCode {
  if (name === undefined) {
    if (json) printJson(MODES.map(describe));
    else print(list());
    return EXIT.good;
  }
  const mode = modeOf(name);
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
    style('bold', 'Flights: the one-way trips before each leaves, and until it is there'),
    flightDiagram(theory),
    '',
    style(
      'bold',
      `One-way trips from the client's SYN (QoS 1; the client ${mode.pipelined ? 'does not wait' : 'waits'} for CONNACK)`,
    ),
    columns([], trips, ['left', 'left', 'right', 'left']),
    '',
    style('bold', 'What must be negotiated; a connection that differs is excluded and counted'),
    columns([], negotiation(mode)),
    '',
    style('bold', 'Sources'),
    ...theory.sources.map((source) => `  ${source}`),
  ].join('\n');
}

function negotiation({ expected, needs, mqtt }: Mode): string[][] {
  const yes = (value: boolean): string => (value ? 'yes' : 'no');
  return [
    ['', 'protocol', expected.protocol ?? 'none (plain TCP)'],
    ['', 'cipher suite', expected.suite ?? 'none'],
    ['', 'key-exchange group', expected.group ?? 'none'],
    ['', 'session resumed', yes(expected.resumed)],
    ...(expected.ticket === undefined ? [] : [['', 'session ticket', expected.ticket]]),
    ['', 'pre-shared key', yes(expected.psk)],
    ['', 'broker certificate verified', yes(expected.brokerCertificate)],
    ['', 'client certificate verified', yes(expected.clientCertificate)],
    ...(expected.brokerCertificate || expected.clientCertificate
      ? [
          [
            '',
            'certificates',
            `${needs.key}, ${needs.chain === 1 ? 'no intermediate' : `a chain of ${needs.chain}`}`,
          ],
        ]
      : []),
    ['', "Nagle's algorithm", expected.clientNoDelay ? 'off at both ends' : 'on at the client'],
    ['', 'MQTT', mqtt],
  ];
}
