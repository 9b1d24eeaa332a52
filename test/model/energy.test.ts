import { describe, expect, it, test } from 'vitest';
import { radioNamed } from '../../src/link/radios.ts';
import { breakEven, energyOf, millijoules, perMessage, type Radio } from '../../src/model/energy.ts';

/** Sends and receives a kilobyte in a second, at 300 and 100 mW; 50 mW while it waits; 10 mW for 4 s after it. */
const SIMPLE: Radio = {
  transmitMw: 300,
  receiveMw: 100,
  listenMw: 50,
  tail: { mw: 10, seconds: 4 },
  sleepMw: 1,
  rateKbit: { up: 8, down: 8 },
};

describe('worked examples of the sources', () => {
  it('50 KB over GSM, with its tail: 1.7 J to ramp up, 0.036 J a KB, 0.25 W for 6 s: 5.0 J (Balasubramanian et al. 2009)', () => {
    const gsm = radioNamed('2g');
    const downloadSeconds = (50_000 * 8) / 80_000;
    const parts = energyOf(gsm, { seconds: downloadSeconds, bytesUp: 0, bytesDown: 50_000 });
    expect(parts).toEqual({ promotion: 1700, transmit: 0, receive: 1800, listen: 0, tail: 1500 });
    expect(millijoules(parts)).toBe(5000);
  });

  it('LTE: 1,210.7 mW for 260 ms to connect, and 1,060 mW for 11.576 s after the last packet: 12.6 J (Huang et al. 2012)', () => {
    const { promotion, tail } = energyOf(radioNamed('lte'), { seconds: 0, bytesUp: 0, bytesDown: 0 });
    expect(promotion + tail).toBeGreaterThan(0.995 * (1210.7 * 0.2601 + 1060 * 11.576));
    expect(promotion + tail).toBeLessThan(1.005 * (1210.7 * 0.2601 + 1060 * 11.576));
  });
});

test('time in each state × its power, by hand', () => {
  // 500 bytes up: half a second; 250 down: a quarter; of two seconds 1.25 are left to listen.
  expect(energyOf(SIMPLE, { seconds: 2, bytesUp: 500, bytesDown: 250 })).toEqual({
    promotion: 0,
    transmit: 150,
    receive: 25,
    listen: 62.5,
    tail: 40,
  });
});

test('what follows soon cuts the tail short, and finds the radio still connected', () => {
  const radio = { ...SIMPLE, promotion: { mw: 200, seconds: 1 } };
  const nothing = { seconds: 0, bytesUp: 0, bytesDown: 0 };
  expect(energyOf(radio, nothing, 3)).toMatchObject({ promotion: 0, tail: 30 });
  expect(energyOf(radio, nothing, 5)).toMatchObject({ promotion: 200, tail: 40 });
  // More on the air than there was time for leaves no time to listen, and no negative one.
  expect(energyOf(radio, { seconds: 1, bytesUp: 4000, bytesDown: 0 }).listen).toBe(0);
});

describe('connecting for every message, or staying connected', () => {
  const habits = {
    // 2 s of listening: 100 mJ, and the tail of 40.
    wake: { seconds: 2, bytesUp: 0, bytesDown: 0 },
    // 1 s: 50 mJ, and the tail.
    message: { seconds: 1, bytesUp: 0, bytesDown: 0 },
    // 0.4 s: 20 mJ, and the tail.
    ping: { seconds: 0.4, bytesUp: 0, bytesDown: 0 },
  };

  it('by hand: a message each 25 s, a ping each 10 s', () => {
    const found = breakEven(SIMPLE, habits, { keepAliveSeconds: 10, intervalSeconds: 25 });
    // 100 + 40, and 25 − 2 − 4 s asleep.
    expect(found.connectMillijoules).toBeCloseTo(100 + 40 + 19, 9);
    // A message and two pings: 50 + 20 + 20, three tails, and what is left of 10, 10 and 5 s asleep.
    expect(found.stayMillijoules).toBeCloseTo(90 + 3 * 40 + (10 - 5) + (10 - 4.4) + (5 - 4.4), 9);
    // At 10 s staying takes 95 and connecting 144; at 20 s, with one ping, 160.6 and 154.
    expect(found.everySeconds).toBe(10);
    // 159 to connect, 221.2 to stay: further messages never win back what the pings between them take.
    expect(found.messages).toBeUndefined();
    const often = breakEven(SIMPLE, habits, { keepAliveSeconds: 10, intervalSeconds: 10 });
    expect(often.messages).toBe(2);
    expect(perMessage(often, 1)).toBe(often.connectMillijoules);
    expect(perMessage(often, 2)).toBeLessThan(often.connectMillijoules);
  });

  it('longer keep-alive times make staying worth while for messages that are further apart', () => {
    const every = (keepAliveSeconds: number): number | undefined =>
      breakEven(SIMPLE, habits, { keepAliveSeconds, intervalSeconds: 100 }).everySeconds;
    expect([every(5), every(10), every(1200)]).toEqual([5, 10, 1200]);
    // A handshake that costs much more is worth more pings: 60 mJ each, less the 10 that the radio would have slept.
    const dear = { ...habits, wake: { ...habits.wake, seconds: 12 } };
    const found = breakEven(SIMPLE, dear, { keepAliveSeconds: 100, intervalSeconds: 100 });
    const saved = 12 * 50 - 50 - 11;
    expect(found.everySeconds).toBe(100 * Math.ceil(saved / (60 - 4.4)));
  });

  it('where pings cost nothing to speak of, staying always takes less', () => {
    const tailless = { ...SIMPLE, tail: undefined };
    const free = { ...habits, ping: { seconds: 0, bytesUp: 0, bytesDown: 0 } };
    const found = breakEven(tailless, free, { keepAliveSeconds: 60, intervalSeconds: 60 });
    expect(found).toEqual({
      connectMillijoules: 158,
      stayMillijoules: 109,
      messages: 2,
      everySeconds: undefined,
    });
  });

  it('a connection’s messages share its handshake', () => {
    const costs = { connectMillijoules: 100, stayMillijoules: 20 };
    expect([1, 2, 4].map((messages) => perMessage(costs, messages))).toEqual([100, 60, 40]);
  });
});
