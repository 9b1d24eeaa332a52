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
      'The trips that the protocol takes in theory, times the measured one-way delay of their direction.',
  },
  { word: 'residual', meaning: 'Measured median minus predicted: compute, bytes, scheduling.' },
  {
    word: 'inferred trips',
    meaning:
      'The median over the link minus the median over a null link, divided by the difference of their one-way delays. Compute is in both and cancels out.',
  },
  {
    word: 'null link',
    meaning:
      'A link of the same kind without delay, jitter, loss or rate limit: what the machine itself costs.',
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
