import { expect, test } from 'vitest';
import { join } from 'node:path';
import { resolveLink } from '../../src/link/spec.ts';
import { handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { hasTun } from '../helpers/tun.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const here = await hasTun();
const SENT_AGAIN =
  /^Over lossy \d+ segments of \d+ of 120 attempts had to be sent again: their median time to the last milestone is [\d.]+ ms against [\d.]+ ms of the others, the slowest took \d{4,5}\.\d ms\.$/;

test.skipIf(!here)(
  '5 % loss under real TCP fails nobody, is counted, and makes a tail of seconds',
  { timeout: 90_000 },
  async () => {
    const scenario = scenarioWith({
      modes: ['plain', 'tls13'],
      links: [resolveLink({ name: 'lossy', oneWayMs: 10, loss: 0.05 })],
      workloads: [handshakes({ connectionsPerSecond: 60, timeoutMs: 30_000 })],
      rounds: 120,
      warmupRounds: 2,
      seed: 11,
    });
    const { results } = await measure(scenario, join(temporaryFolder(), 'run'), { backend: 'tun' });
    const [link] = results.links;
    for (const way of ['up', 'down'] as const) {
      const { packets = 0, lost = 0 } = link?.traffic?.[way] ?? {};
      expect(packets).toBeGreaterThan(1200);
      // Three standard errors around what was asked.
      expect(Math.abs(lost / packets - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / packets));
    }
    for (const { verdict, reasons } of results.inferences) {
      // Lost packets add time that is no trip, so there is no verdict; what happened is told all the same.
      expect(verdict).toBe('inconclusive');
      expect(reasons).toEqual([{ name: 'retransmission', evidence: expect.stringMatching(SENT_AGAIN) }]);
    }
    for (const { samples, milestones } of results.cells) {
      expect(samples).toMatchObject({ attempted: 120, failed: 0, excluded: 0 });
      // A connection has at least ten packets, so that at least a third of them lost one.
      expect(samples.retransmitted?.attempts).toBeGreaterThan(24);
      // A SYN that is lost is sent again after a second (RFC 6298); few are lost twice.
      expect(milestones.connectReceived?.p99Ms).toBeGreaterThan(1000);
      expect(milestones.connectReceived?.p50Ms).toBeLessThan(200);
    }
  },
);
