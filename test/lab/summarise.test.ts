import { expect, test } from 'vitest';
import { summarise } from '../../src/lab/summarise.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { scenarioWith } from '../helpers/runs.ts';

const { cells } = makePlan(scenarioWith({ modes: ['tls13'] }));

function sample(id: number, parts: Partial<Sample> = {}): Sample {
  return {
    id,
    cell: cells[0]?.id ?? '',
    round: id,
    warmup: false,
    intendedAtMs: id * 10,
    startLateMs: 0,
    outcome: { status: 'ok' },
    tainted: ['stall:broker'],
    milestonesMs: { connectReceived: 5 },
    negotiated: {},
    bytes: { up: 400, down: 1500, handshakeUp: 312, handshakeDown: 1360 },
    flights: [],
    ...parts,
  };
}

function cellOf(samples: Sample[]) {
  const measured = { cells, samples, fleets: new Map(), links: [], modelledConnect: false, seed: 1 };
  return summarise(measured).cells[0];
}

test('a machine that disturbs every connection takes their times away, and not their bytes', () => {
  const cell = cellOf([sample(1), sample(2), sample(3)]);
  expect(cell).toMatchObject({
    samples: { ok: 3, tainted: 3 },
    milestones: {},
    bytes: { handshakeUp: 312, handshakeDown: 1360 },
  });
});

test('what failed has no part in the bytes', () => {
  const failed = sample(2, {
    outcome: { status: 'failed', reason: 'timeout', detail: 'late' },
    bytes: { up: 0, down: 0, handshakeUp: 1, handshakeDown: 1 },
  });
  expect(cellOf([sample(1), failed])?.bytes).toEqual({ handshakeUp: 312, handshakeDown: 1360 });
  expect(cellOf([failed])?.bytes).toBeUndefined();
});
