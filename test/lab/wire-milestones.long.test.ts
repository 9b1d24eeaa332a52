import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BackendName } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTun } from '../helpers/tun.ts';
import { differences, impossible, LIMIT_MS, MODES_BOTH_TELL } from '../helpers/wire-agreement.ts';

const ROUNDS = 20;

/** What the broker computes before it holds CONNECT takes a slow machine twice as long; `figures:wire-milestones` holds the limit itself. */
const SLOW_MACHINE = 2;
const backends: readonly BackendName[] = (await hasTun()) ? ['tun', 'proxy'] : ['proxy'];

// Half a millisecond is a little on a machine that does other things too: what holds is tried again.
test.each(backends)(
  'over %s broker and wire agree on when the broker held what',
  { retry: 2 },
  async (backend) => {
    const scenario = scenarioWith({
      modes: [...MODES_BOTH_TELL, 'tls13+pipelined=true', 'tls12+pipelined=true', 'plain+pipelined=true'],
      links: [resolveLink({ name: 'near', oneWayMs: 10 })],
      rounds: ROUNDS,
    });
    const { results, samples } = await measure(scenario, join(temporaryFolder(), 'run'), { backend });
    for (const sample of samples) {
      expect([sample.cell, sample.outcome]).toEqual([sample.cell, { status: 'ok' }]);
      expect([sample.cell, impossible(sample)]).toEqual([sample.cell, []]);
      const { wireMs = {}, milestonesMs } = sample;
      for (const name of ['connectReceived', 'connackSent', 'publishReceived'] as const)
        expect([sample.cell, name, typeof wireMs[name]]).toEqual([sample.cell, name, 'number']);
      // A trip away from what both ends saw of it, which no load can shorten.
      expect(wireMs.connectReceived ?? 0).toBeGreaterThan((milestonesMs.tcpConnected ?? Infinity) + 9.9);
      expect(milestonesMs.connackReceived ?? 0).toBeGreaterThan((wireMs.connackSent ?? Infinity) + 9.9);
    }
    for (const mode of MODES_BOTH_TELL) {
      const samplesOf = (name: string): Sample[] => samples.filter(({ cell }) => cell.startsWith(`${name}/`));
      for (const { name, p50Ms } of differences(mode, samplesOf))
        expect(Math.abs(p50Ms), `${mode} ${name}: ${p50Ms}`).toBeLessThanOrEqual(SLOW_MACHINE * LIMIT_MS);
    }
    for (const { brokerSide } of results.cells) {
      expect(brokerSide?.source).toBe('broker');
      expect(Object.keys(brokerSide?.differences ?? {})).toEqual(
        expect.arrayContaining(['accepted', 'connectReceived', 'connackSent', 'publishReceived']),
      );
    }
  },
);
