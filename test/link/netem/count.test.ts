import { expect, test } from 'vitest';
import { countOf } from '../../../src/link/netem/count.ts';
import { resolveLink } from '../../../src/link/spec.ts';

/** What tc of iproute2 6.1 printed after a transfer. */
function shown(figures: string): string {
  return (
    '[{"kind":"netem","handle":"8001:","root":true,"refcnt":3,"options":{"limit":1000,' +
    '"delay":{"delay":0.034,"jitter":0,"correlation":0},"rate":{"rate":50000,"packetoverhead":-14,"cellsize":0,' +
    `"celloverhead":0},"ecn":false,"gap":0},"bytes":151000,${figures},"overlimits":0,"requeues":0,"backlog":3028}]`
  );
}

const LOSSY = resolveLink({ oneWayMs: 34, loss: 0.1 }).up;
const BURSTY = resolveLink({ oneWayMs: 34, burstLoss: { p: 0.1, r: 0.5, lossBad: 1, lossGood: 0 } }).up;
const CLEAN = resolveLink({ oneWayMs: 34, rateKbit: 400 }).up;

test.each([
  ['lost where loss was asked for', LOSSY, { packets: 112, lost: 10, overflowed: 0 }],
  ['lost where loss in bursts was asked for', BURSTY, { packets: 112, lost: 10, overflowed: 0 }],
  ['too many for the queue where none was', CLEAN, { packets: 112, lost: 0, overflowed: 10 }],
])('what was dropped is %s; what waits has entered too', (_, way, expected) => {
  expect(countOf(shown('"packets":100,"drops":10,"qlen":2'), way)).toEqual(expected);
});

test('a device without netem is an error, not a link without traffic', () => {
  expect(() => countOf('[{"kind":"noqueue","packets":0,"drops":0,"qlen":0}]', CLEAN)).toThrow(/no netem/);
});
