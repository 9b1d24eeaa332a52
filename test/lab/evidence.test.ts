import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/lab/evidence.ts';
import { attemptWith, flowWith } from '../helpers/samples.ts';

describe('the flow of an attempt', () => {
  it('is found by both ports', () => {
    const evidence = new Evidence();
    const mine = flowWith();
    evidence.onFlow(flowWith({ dialledPort: 8883, openedUs: 1_000_100 }));
    evidence.onFlow(mine);
    evidence.onFlow(flowWith({ client: { host: '127.0.0.1', port: 40_001 } }));
    expect(evidence.flowOf(attemptWith())).toBe(mine);
  });

  it('is its own, when the ports come back within a run', () => {
    const evidence = new Evidence();
    const [earlier, mine, later] = [200, 1_000_200, 60_000_000].map((openedUs) => flowWith({ openedUs }));
    for (const flow of [later, mine, earlier]) if (flow !== undefined) evidence.onFlow(flow);
    expect(evidence.flowOf(attemptWith())).toBe(mine);
  });

  it('over the clients’ own link is another than over one behind it, though all else is alike', () => {
    const evidence = new Evidence();
    const [near, far] = [flowWith(), flowWith({ far: true })];
    evidence.onFlow(far);
    expect(evidence.flowOf(attemptWith())).toBeUndefined();
    evidence.onFlow(near);
    expect(evidence.flowOf(attemptWith())).toBe(near);
    expect(evidence.farFlowOf(attemptWith())).toBe(far);
  });

  it('is not there until the link has told it, whatever went over its ports before', () => {
    const evidence = new Evidence();
    evidence.onFlow(flowWith({ openedUs: 900_000 }));
    expect(evidence.flowOf(attemptWith())).toBeUndefined();
    const { local: _, ...unconnected } = attemptWith();
    expect(evidence.flowOf(unconnected)).toBeUndefined();
  });
});

describe('what processes tell', () => {
  it('is kept by attempt; standing clients have none', () => {
    const evidence = new Evidence();
    const record = { acceptedUs: 1, connectReceivedUs: 2, negotiated: {} };
    evidence.onRecord({ ...record, clientId: 'mz' });
    evidence.onRecord({ ...record, clientId: 's0-0' });
    expect([...evidence.records.keys()]).toEqual([35]);
    evidence.onWorker({ kind: 'lost', cell: 0, reason: 'tcp-reset' });
    expect(evidence.lost).toEqual(['tcp-reset']);
  });

  it('of a message that is delivered twice is the first delivery', () => {
    const evidence = new Evidence();
    evidence.onWorker({ kind: 'deliveries', deliveries: [{ id: 4, atUs: 10 }] });
    evidence.onWorker({ kind: 'deliveries', deliveries: [{ id: 4, atUs: 99 }] });
    expect(evidence.deliveriesUs.get(4)).toBe(10);
  });
});
