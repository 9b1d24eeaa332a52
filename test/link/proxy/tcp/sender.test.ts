import { expect, test } from 'vitest';
import { Receiver } from '../../../../src/link/proxy/tcp/receiver.ts';
import { MSS_BYTES, type Segment } from '../../../../src/link/proxy/tcp/segment.ts';
import { Sender } from '../../../../src/link/proxy/tcp/sender.ts';

const ROUND_TRIP_US = 68_000;

interface Event {
  atUs: number;
  what: () => void;
}

/** A sender and a receiver one round trip apart, in a time of their own; `loses` picks copies by their number. */
class Exchange {
  readonly sent: { nth: number; seq: number; ms: number }[] = [];
  readonly received: Buffer[] = [];
  doneMs = 0;
  readonly #events: Event[] = [];
  readonly #receiver = new Receiver();
  readonly sender: Sender;
  #timerUs = Infinity;
  #copies = 0;
  #nowUs = 0;

  constructor(loses: (nth: number, segment: Segment) => boolean = () => false) {
    this.sender = new Sender({
      ideal: false,
      transmit: (segment, atUs) => {
        const nth = ++this.#copies;
        this.sent.push({ nth, seq: segment.seq / MSS_BYTES, ms: atUs / 1000 });
        if (!loses(nth, segment)) this.#at(atUs + ROUND_TRIP_US / 2, () => this.#arrive(segment, atUs));
      },
      setTimer: (dueUs) => (this.#timerUs = dueUs),
      settle: () => {},
      hurry: () => {},
    });
    this.sender.established(ROUND_TRIP_US, false);
  }

  /** Sends full segments at an instant, and goes on until nothing is left to happen. */
  send(segments: number, atMs = 0): void {
    this.#nowUs = atMs * 1000;
    this.sender.write(Buffer.alloc(segments * MSS_BYTES, 1), this.#nowUs);
    for (;;) {
      this.#events.sort((a, b) => a.atUs - b.atUs);
      const next = this.#events[0];
      const timerUs = this.#timerUs;
      if (next === undefined && timerUs === Infinity) return;
      if (next !== undefined && next.atUs <= timerUs) {
        this.#events.shift();
        this.#nowUs = next.atUs;
        next.what();
      } else {
        this.#nowUs = timerUs;
        this.#timerUs = Infinity;
        this.sender.onTimer(timerUs);
      }
    }
  }

  #arrive(segment: Segment, sentUs: number): void {
    const atUs = this.#nowUs;
    this.#receiver.take(segment, sentUs, atUs, ({ payload }) => {
      this.received.push(...payload);
      this.doneMs = atUs / 1000;
    });
    const acknowledgement = this.#receiver.acknowledge();
    this.#at(atUs + ROUND_TRIP_US / 2, () => this.sender.acknowledge(acknowledgement, this.#nowUs));
  }

  #at(atUs: number, what: () => void): void {
    this.#events.push({ atUs, what });
  }
}

test('round r of slow start ends at 10·(2^r − 1) segments', () => {
  const exchange = new Exchange();
  exchange.send(100);
  const rounds = Map.groupBy(exchange.sent, ({ ms }) => Math.round(ms / 68));
  expect([...rounds.values()].map((sent) => sent.length)).toEqual([10, 20, 40, 30]);
});

test('a window that was not used does not grow, and rests after a pause', () => {
  const exchange = new Exchange();
  for (let n = 0; n < 20; n++) exchange.send(1, n * 100);
  exchange.send(100, 2000);
  const burst = exchange.sent.filter(({ ms }) => ms === 2000);
  expect(burst).toHaveLength(10);
  exchange.send(200, 10_000);
  expect(exchange.sent.filter(({ ms }) => ms === 10_000).length).toBeLessThan(20);
});

test('a hole that three later segments show is filled one round trip later, and all behind it waits', () => {
  const exchange = new Exchange((nth) => nth === 4);
  exchange.send(10);
  expect(exchange.sent).toHaveLength(11);
  expect(exchange.sent[10]).toEqual({ nth: 11, seq: 3, ms: 68 });
  expect(exchange.doneMs).toBe(34 + 68);
  expect(Buffer.concat(exchange.received)).toHaveLength(10 * MSS_BYTES);
});

test('a hole that fewer show waits for a quarter of a round trip more', () => {
  const exchange = new Exchange((nth) => nth === 8);
  exchange.send(10);
  expect(exchange.sent[10]).toMatchObject({ seq: 7 });
  expect(exchange.sent[10]?.ms).toBeCloseTo(68 + 17 + 8, 5);
});

test('a lost tail is probed after two round trips, and a lone segment after its timeout', () => {
  const tail = new Exchange((nth) => nth === 9 || nth === 10);
  tail.send(10);
  // The acknowledgements of the others were the latest sign of life, a round trip after the start.
  expect(tail.sent[10]?.ms).toBeCloseTo(68 + 2 * 68 + 8, 5);
  // The receiver may have held the acknowledgement of a lone segment back, so that its timeout comes first.
  const lone = new Exchange((nth) => nth === 1);
  lone.send(1);
  expect(lone.sent[1]?.ms).toBeCloseTo(68 + 200, 5);
});

test('timeouts double', () => {
  const exchange = new Exchange((nth) => nth <= 4);
  exchange.send(1);
  const [probe = 0, first = 0, second = 0, third = 0] = exchange.sent.slice(1).map(({ ms }) => ms);
  expect(first - probe).toBeCloseTo(268, 5);
  expect(second - first).toBeCloseTo(2 * 268, 5);
  expect(third - second).toBeCloseTo(4 * 268, 5);
  expect(exchange.doneMs).toBeCloseTo(third + 34, 5);
});

test('whatever is lost, all arrives in order', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const exchange = new Exchange((nth) => (nth * 7919 * seed) % 101 < 15);
    exchange.send(60);
    expect(Buffer.concat(exchange.received)).toHaveLength(60 * MSS_BYTES);
  }
});
