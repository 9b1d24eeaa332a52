import { describe, expect, it } from 'vitest';
import { tripsTo, type Theory } from '../../src/model/theory.ts';
import { predict } from '../../src/model/predict.ts';
import { untilDisconnected } from '../../src/modes/flights.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';

/**
 * One-way trips from the client's SYN until its socket is closed, at QoS 0, 1 and 2. Counted by hand from CONNACK on
 * (test/model/theory.test.ts, column d): QoS 0 leaves at once, with DISCONNECT, and the broker's FIN comes back: 2. QoS 1
 * waits a round trip for PUBACK first: 4. QoS 2 waits another one for PUBCOMP: 6.
 */
const TABLE: [mode: string, qos0: number, qos1: number, qos2: number][] = [
  ['plain', 6, 8, 10],
  ['tls12', 10, 12, 14],
  ['mtls12', 10, 12, 14],
  ['tls12-psk', 10, 12, 14],
  ['tls12-psk-ccm8', 10, 12, 14],
  ['tls12-ecdhe-psk', 10, 12, 14],
  ['tls12-dhe-psk', 10, 12, 14],
  ['tls12-resumed-id', 8, 10, 12],
  ['tls12-resumed-ticket', 8, 10, 12],
  ['mtls12-resumed-ticket', 8, 10, 12],
  ['tls13', 8, 10, 12],
  ['tls13-x25519', 8, 10, 12],
  ['tls13-p256', 8, 10, 12],
  ['tls13-mlkem', 8, 10, 12],
  ['tls13-resumed', 8, 10, 12],
  ['mtls13-resumed', 8, 10, 12],
  ['tls13-hrr', 10, 12, 14],
  ['mtls13', 8, 10, 12],
  ['tls13-psk', 8, 10, 12],
  // PUBLISH is there with CONNECT, and its acknowledgement with CONNACK.
  ['plain+pipelined=true', 6, 6, 8],
  ['tls13+pipelined=true', 8, 8, 10],
];

const QOS = [0, 1, 2] as const;

function wakes(mode: string, qos: 0 | 1 | 2): Theory {
  const { theory } = modeNamed(mode);
  return { ...theory, flights: untilDisconnected(theory.flights, qos) };
}

it('the table has a row for every mode', () => {
  const named = TABLE.map(([mode]) => mode).filter((mode) => !mode.includes('+'));
  expect(named.toSorted()).toEqual(MODES.map(({ name }) => name).toSorted());
});

describe.each(TABLE)('%s', (mode, ...trips) => {
  it('takes the trips of the table until its socket is closed', () => {
    expect(QOS.map((qos) => tripsTo(wakes(mode, qos), 'disconnected'))).toEqual(trips);
  });

  it('has flights that alternate, and changes nothing of what comes before', () => {
    for (const qos of QOS) {
      const { flights } = wakes(mode, qos);
      expect(flights.map(({ from }) => from)).toEqual(
        flights.map((_, index) => (index % 2 === 0 ? 'client' : 'broker')),
      );
      const { theory } = modeNamed(mode);
      const acknowledged = [[], ['pubackReceived'], ['pubrecReceived', 'pubcompReceived']] as const;
      const before = ['connectReceived', 'connackReceived', 'connackSent', 'publishReceived'] as const;
      for (const milestone of [...before, ...acknowledged[qos]])
        expect(tripsTo(wakes(mode, qos), milestone)).toBe(tripsTo(theory, milestone));
    }
  });
});

it('no client that does not go to sleep has the milestone', () => {
  expect(tripsTo(modeNamed('tls13').theory, 'disconnected')).toBeUndefined();
});

it('a FIN alone is a segment at the link’s rate', () => {
  // At 52 kbit/s 65 bytes take 10 ms: SYN and SYN-ACK 60 bytes each, a FIN 52.
  const link = { upMs: 0, downMs: 0, rateUpKbit: 52, rateDownKbit: 52 };
  const flights = [
    { from: 'client' as const, bytes: 0 },
    { from: 'broker' as const, bytes: 0 },
    { from: 'client' as const, bytes: 0 },
    { from: 'broker' as const, bytes: 0 },
  ];
  const bytes = 60 + 60 + (52 + 52) + 52;
  expect(predict(4, flights, link).serializationMs).toBeCloseTo((bytes * 8) / 52, 9);
});
