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

describe('the flow behind a hop that tells no more than its log', () => {
  const OUTER = flowWith({ seenAs: { host: '198.18.1.2', port: 40_000, dialledPort: 8443 } });
  const passage = (port: number, dialledPort = 8443) => ({
    client: { host: '198.18.1.2', port: 40_000, dialledPort },
    local: { host: '198.18.2.1', port, dialledPort: 8883 },
  });
  const inner = (port: number, openedUs: number) =>
    flowWith({ client: { host: '198.18.2.1', port }, dialledPort: 8883, linkId: 'zone', openedUs });

  it('is found by the client as the hop sees it, and by nothing else', () => {
    const evidence = new Evidence();
    const behind = inner(50_000, 1_000_400);
    evidence.onFlow(behind);
    expect(evidence.passedFlowOf(OUTER)).toBeUndefined();
    evidence.onPassage(passage(50_000));
    expect(evidence.passedFlowOf(OUTER)).toBe(behind);
    expect(evidence.passedFlowOf(flowWith())).toBeUndefined();
    // At one time, from the same port to another one of the hop.
    evidence.onPassage(passage(50_003, 8444));
    evidence.onFlow(inner(50_003, 1_000_300));
    expect(evidence.passedFlowOf(OUTER)).toBe(behind);
  });

  it('is its own, when both ports come back within a run', () => {
    const evidence = new Evidence();
    const mine = inner(50_001, 1_000_400);
    // The same client’s port before and after, and the hop’s port of before once more for somebody else.
    for (const port of [50_000, 50_001, 50_002]) evidence.onPassage(passage(port));
    for (const flow of [inner(50_000, 500), inner(50_000, 1_000_900), inner(50_002, 60_000_000), mine])
      evidence.onFlow(flow);
    expect(evidence.passedFlowOf(OUTER)).toBe(mine);
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
