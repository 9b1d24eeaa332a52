import { expect, test } from 'vitest';
import { failedOver } from '../../../src/lab/phases/failover.ts';
import { failoverSchema } from '../../../src/results/cell-schema.ts';

const AT = { startUs: 1e6, failedUs: 11e6, changedOverUs: 12.01e6 };
const BACK = {
  attempts: 1,
  noticedUs: 13e6,
  noticedBy: 'no-pingresp',
  tcpConnectedUs: 13.1e6,
  connackUs: 13.2e6,
  pubackUs: 13.3e6,
};

test('every client is counted, as back or as lost with its reason, and times count from the failure', () => {
  const failover = failedOver(
    [
      { ...BACK, index: 0, negotiated: { resumed: true } },
      { ...BACK, index: 1, pubackUs: 15.3e6, attempts: 3, negotiated: {} },
      {
        index: 2,
        attempts: 4,
        noticedUs: 14e6,
        noticedBy: 'tcp-reset',
        lost: { reason: 'tcp-timeout', detail: '' },
      },
      { index: 3, attempts: 0, lost: { reason: 'never-connected:tcp-refused', detail: '' } },
      // Its connection was lost while the path still stood: the failure did not do that.
      { ...BACK, index: 4, noticedUs: 10e6, noticedBy: 'closed-by-broker' },
    ],
    AT,
  );
  expect(failoverSchema.parse(failover)).toMatchObject({
    clients: 5,
    back: 2,
    lost: 3,
    resumed: 1,
    attempts: 9,
    reasons: { 'tcp-timeout': 1, 'never-connected:tcp-refused': 1, 'gone-before:closed-by-broker': 1 },
    noticedBy: { 'no-pingresp': 2, 'tcp-reset': 1, 'closed-by-broker': 1 },
    failedAtMs: 10_000,
    changedOverAtMs: 11_010,
    noticed: { count: 3, minMs: 2000, maxMs: 3000 },
    tcpConnected: { count: 2, minMs: 2100 },
    connackReceived: { count: 2, minMs: 2200 },
    returned: { count: 2, minMs: 2300, maxMs: 4300 },
    reconnecting: { count: 2, minMs: 300, maxMs: 2300 },
  });
});

test('where nobody is back there is nothing to time', () => {
  const failover = failedOver([{ index: 0, attempts: 0, lost: { reason: 'never-noticed', detail: '' } }], AT);
  expect(failover).toMatchObject({ clients: 1, back: 0, lost: 1, reasons: { 'never-noticed': 1 } });
  expect(failover.returned).toBeUndefined();
});
