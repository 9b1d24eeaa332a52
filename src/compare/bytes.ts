import { handshakeBytesOf, type HandshakeBytes } from '../results/handshake-bytes.ts';
import type { CellResult } from '../results/schema.ts';
import type { Effect } from './comparison.ts';
import { missing, missingInBaseline } from './missing.ts';
import { BYTES_FLOOR } from './settings.ts';

const DIRECTIONS = ['handshakeUp', 'handshakeDown'] as const;

/** What bytes are missing under, whichever direction. */
const BYTES = 'handshake bytes';

/** Bytes of the handshake in each direction; no chance is in them beyond what signatures and tickets vary by. */
export function bytesEffects(baseline: CellResult, candidate: CellResult): Effect[] {
  const both = sameSource(baseline, candidate);
  if (both === undefined) return incomparable(baseline, candidate);
  const [before, after] = both;
  // Without TLS there is no handshake.
  return DIRECTIONS.filter((what) => before[what] > 0 || after[what] > 0).map((what) =>
    effectOf(what, before[what], after[what]),
  );
}

/** What is said where no two figures are of the same kind. */
function incomparable(baseline: CellResult, candidate: CellResult): Effect[] {
  const [before, after] = [hasBytes(baseline), hasBytes(candidate)];
  if (!before && !after) return [];
  if (!before) return [missingInBaseline(BYTES)];
  if (!after) return [missing(BYTES, candidate)];
  const [seen, counted] =
    baseline.wire === undefined ? (['candidate', 'baseline'] as const) : (['baseline', 'candidate'] as const);
  return [
    {
      ...missingInBaseline(BYTES),
      because: `Those of the ${seen} are what the link saw, those of the ${counted} what the client counted: they are not of one kind.`,
    },
  ];
}

/** Without TLS there is no handshake, whether that is told as 0 bytes or not at all. */
function hasBytes(cell: CellResult): boolean {
  const { handshakeUp, handshakeDown } = handshakeBytesOf(cell) ?? { handshakeUp: 0, handshakeDown: 0 };
  return handshakeUp > 0 || handshakeDown > 0;
}

/** What the link saw is not held against what a client counted. */
function sameSource(
  baseline: CellResult,
  candidate: CellResult,
): [HandshakeBytes, HandshakeBytes] | undefined {
  if (baseline.wire !== undefined && candidate.wire !== undefined) return [baseline.wire, candidate.wire];
  if (baseline.bytes !== undefined && candidate.bytes !== undefined) return [baseline.bytes, candidate.bytes];
  return undefined;
}

function effectOf(what: string, baseline: number, candidate: number): Effect {
  const floor = Math.max(BYTES_FLOOR.bytes, (BYTES_FLOOR.percent / 100) * baseline);
  const difference = candidate - baseline;
  const verdict = difference > floor ? 'regressed' : difference < -floor ? 'improved' : 'unchanged';
  return {
    kind: 'bytes',
    what,
    unit: 'bytes',
    verdict,
    judged: true,
    because:
      verdict === 'unchanged'
        ? `The difference is within ±${Math.round(floor)} bytes.`
        : `${Math.round(Math.abs(difference))} bytes ${difference > 0 ? 'more' : 'fewer'} than the baseline.`,
    baseline,
    candidate,
    difference,
    ...(baseline > 0 ? { differencePercent: (difference / baseline) * 100 } : {}),
    floor,
  };
}
