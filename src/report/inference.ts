import type { Milestone } from '../measure/milestones.ts';
import type { Estimate, Inference } from '../results/inference/schema.ts';
import type { Results } from '../results/schema.ts';
import { enumeration, fixed, integer, ms, NONE } from './format.ts';
import { counted } from '../words.ts';
import { columnsOf, type Table } from './tables.ts';

/** What stands beside the modes where it differs among them. */
const PLACES = ['broker', 'topology', 'workload'] as const;
type Place = (typeof PLACES)[number];

/** Which of broker, topology and workload tell these from one another. */
export function placesOf(all: readonly { [P in Place]?: string | undefined }[]): Place[] {
  return PLACES.filter((place) => new Set(all.map((one) => one[place])).size > 1);
}

/** Theory beside what was inferred without it, a row for each mode, with the verdict and its evidence. */
export function inferenceTable({ inferences }: Results): Table {
  const places = placesOf(inferences);
  return {
    columns: columnsOf(
      'mode',
      ...places,
      'verdict',
      '#trips to first data, theory',
      '#inferred',
      '#95 % interval',
      '#trips to CONNACK, theory',
      '#inferred',
      '#95 % interval',
      '#compute ms',
      '#95 % interval',
      'read off',
      '#n',
      'reasons',
    ),
    rows: inferences.map((inference) => {
      const { mode, verdict, estimates } = inference;
      const [first] = estimates;
      const connack = estimates.find(({ milestone }) => milestone === 'connackReceived');
      return {
        strong: verdict === 'differs',
        cells: [
          mode,
          ...places.map((place) => inference[place]),
          verdict,
          ...tripCells(first),
          ...tripCells(connack),
          ms(first?.interceptMs),
          range(first?.interceptLowMs, first?.interceptHighMs),
          sourceOf(first),
          integer(first?.attempts),
          inference.reasons.map(({ name }) => name).join(', ') || NONE,
        ],
      };
    }),
  };
}

const WORDS =
  'Trips in theory beside those inferred without it: the slope of the medians over the links’ one-way delays (Theil–Sen), with a bootstrap over rounds; compute is what the line has at no delay. All attempts that came to their end are in it, also those that negotiated something else; a mode whose clients are to be refused has its refusal in the place of first data.';

/** What the columns of {@link inferenceTable} are, for the words beside it. */
export function inferenceWords({ cells }: Results): string {
  return cells.some(({ path }) => path !== undefined) ? `${WORDS} ${BEHIND_HOP}` : WORDS;
}

const BEHIND_HOP =
  'Behind a hop the trips are those over the outer link; what theory has over the inner one is taken off the medians first.';

function tripCells(estimate: Estimate | undefined): string[] {
  if (estimate === undefined) return [NONE, NONE, NONE];
  const { theory, trips, tripsLow, tripsHigh } = estimate;
  return [integer(theory), fixed(trips, 2), range(tripsLow, tripsHigh)];
}

function range(low: number | undefined, high: number | undefined): string {
  return low === undefined || high === undefined ? NONE : `${fixed(low, 2)} – ${fixed(high, 2)}`;
}

function sourceOf(estimate: Estimate | undefined): string {
  if (estimate?.from === undefined) return NONE;
  return estimate.from.kind === 'slope'
    ? `the slope over ${counted(estimate.from.delays, 'delay')}`
    : `the difference to ${estimate.from.link}`;
}

/**
 * The verdicts in sentences: one for each mode that differs or has a reason to be told, and one for all the others
 * together. None for results without inferences.
 */
export function inferenceSentences({ inferences }: Results): string[] {
  const places = placesOf(inferences);
  const told = inferences.filter(({ verdict, reasons }) => verdict === 'differs' || reasons.length > 0);
  const rest = inferences.filter((one) => !told.includes(one));
  const agreeing = rest.filter(({ verdict }) => verdict === 'agrees');
  const open = rest.filter(({ verdict }) => verdict === 'inconclusive');
  const others = told.length > 0 && open.length === 0;
  return [
    ...told.map((inference) => sentenceOf(inference, places)),
    ...(agreeing.length === 0
      ? []
      : [`${subjectOf(agreeing, inferences, others)} the trips of theory, to ${eventsOf(agreeing)}.`]),
    ...(open.length === 0 ? [] : [`${inconclusiveOf(open, inferences)}: inconclusive. ${becauses(open)}`]),
  ];
}

function sentenceOf(inference: Inference, places: readonly Place[]): string {
  const { mode, verdict, estimates, reasons } = inference;
  const name = [mode, ...places.map((place) => inference[place])].join(' · ');
  const off = estimates.filter((estimate) => estimate.verdict === 'differs').map(differenceOf);
  const what = verdict === 'differs' ? ` from theory: ${enumeration(off)}` : '';
  const agrees = verdict === 'agrees' ? ' with theory' : '';
  const because = verdict === 'inconclusive' ? ` ${becauses([inference])}` : '';
  const why = reasons.map(({ name: reason, evidence }) => ` ${reason}: ${evidence}`).join('');
  return `${name} ${verdict === 'inconclusive' ? 'is inconclusive' : verdict}${what}${agrees}.${because}${why}`;
}

const EVENTS: Partial<Record<Milestone, string>> = {
  connectReceived: 'first data',
  refused: 'its refusal',
  connackReceived: 'CONNACK',
};

function differenceOf({ milestone, theory, trips, tripsLow, tripsHigh }: Estimate): string {
  const event = EVENTS[milestone] ?? milestone;
  return `${fixed(trips, 2)} trips (${fixed(tripsLow, 2)} to ${fixed(tripsHigh, 2)}) to ${event} where it says ${integer(theory)}`;
}

/** Who takes the trips of theory: a mode may stand there for each of several brokers, topologies or workloads. */
function subjectOf(agreeing: readonly Inference[], all: readonly Inference[], others: boolean): string {
  const noun = nounOf(all);
  const count = agreeing.length;
  if (others) return count === 1 ? 'The other one takes' : `The other ${integer(count)} take`;
  if (count < all.length)
    return `${counted(count, noun)} of ${integer(all.length)} ${count === 1 ? 'takes' : 'take'}`;
  return count === 1 ? `The ${noun} takes` : `All ${counted(count, noun)} take`;
}

function nounOf(inferences: readonly Inference[]): string {
  return new Set(inferences.map(({ mode }) => mode)).size === inferences.length ? 'mode' : 'line';
}

function eventsOf(inferences: readonly Inference[]): string {
  const events = inferences.flatMap(({ estimates }) =>
    estimates.map(({ milestone }) => EVENTS[milestone] ?? milestone),
  );
  return enumeration([...new Set(events)].map((event) => `to ${event}`)).replace(/^to /, '');
}

function inconclusiveOf(open: readonly Inference[], all: readonly Inference[]): string {
  return open.length === all.length
    ? 'Trips of theory and measurement'
    : `${counted(open.length, nounOf(all))} of ${integer(all.length)}`;
}

function becauses(inferences: readonly Inference[]): string {
  const texts = inferences.flatMap(({ estimates }) => estimates.flatMap(({ because }) => because ?? []));
  return [...new Set(texts)].join(' ');
}
