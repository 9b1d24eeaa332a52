import { MILESTONES } from '../measure/milestones.ts';

/** The words of a report, each explained in a sentence. */
export const GLOSSARY: readonly { word: string; meaning: string }[] = [
  {
    word: 'first data',
    meaning:
      'The broker holds the first byte of CONNECT, the first application byte. The same event at the same end in every mode, so modes are compared on it.',
  },
  { word: 'trip', meaning: 'One one-way delay of the link. A round trip is two trips.' },
  {
    word: 'predicted',
    meaning:
      'The trips that the protocol takes in theory, times the measured one-way delay of their direction; over a link with a rate also the bytes of each flight, headers included, at the rate of its direction.',
  },
  {
    word: 'residual',
    meaning:
      'Measured median minus predicted: compute, scheduling, and over a link with a rate what stood in the queue before.',
  },
  {
    word: 'inferred trips',
    meaning:
      'The median over the link minus the median over a null link, divided by the difference of their one-way delays. Compute is in both and cancels out. Behind a hop there are two counts: the outer link is told apart in the same way, the inner one by a cell with another delay there; what theory says of the other link is taken off first.',
  },
  {
    word: 'hop, outer and inner link',
    meaning:
      'What stands between the clients and the broker: the outer link leads from the clients to it, the inner one from it to the broker. A count of trips such as 5 + 1 is over the one and the other.',
  },
  {
    word: 'agrees, differs, inconclusive',
    meaning:
      'Agrees: the inferred trips lie within a quarter of a trip of theory. Differs: they do not, and their 95 % interval leaves theory out. Inconclusive: the interval is wider than a trip or has theory and other counts in it, or there are no two links that differ in nothing but their delay.',
  },
  {
    word: 'null link',
    meaning:
      'A link of the same kind without delay, jitter, loss or rate limit: what the machine itself costs.',
  },
  {
    word: 'access management',
    meaning:
      'A service that the broker asks over HTTP which topics a client may use, once before CONNACK or at each SUBSCRIBE and PUBLISH. No answer is a no.',
  },
  { word: 'flight', meaning: 'All that one end sends before the other end speaks again.' },
  {
    word: 'measured, modelled',
    meaning:
      'Measured: read off a clock. Modelled: added by the link’s emulator where the real event does not cross it, such as the TCP handshake through a proxy.',
  },
  {
    word: 'p50, p95, p99',
    meaning: 'Percentiles: so many per cent of the samples took no longer. p50 is the median.',
  },
  {
    word: '95 % interval',
    meaning:
      'Where the median lies with 95 % confidence, from order statistics, without an assumption about the distribution.',
  },
  {
    word: 'intended start',
    meaning:
      'When the schedule wanted the connection to begin. Latency counts from it, so that a late start is not hidden.',
  },
  {
    word: 'tainted',
    meaning:
      'A good sample during which the machine or the link was disturbed. Kept, counted, left out of the figures.',
  },
  {
    word: 'excluded',
    meaning:
      'A connection that worked but was not what was asked for, such as another cipher suite. Counted, left out of the figures.',
  },
  {
    word: 'round',
    meaning:
      'One connection of every cell, in shuffled order, so that a drifting machine moves all of them alike.',
  },
  ...Object.entries(MILESTONES).map(([word, { meaning, at }]) => ({
    word,
    meaning: `Milestone, by the clock of the ${at}: ${meaning}.`,
  })),
];
