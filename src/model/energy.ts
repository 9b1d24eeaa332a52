/** A radio's power by state, in milliwatts. */
export interface Radio {
  transmitMw: number;
  receiveMw: number;
  /** Connected, waiting for what is to come. */
  listenMw: number;
  /** From sleep until the first packet may leave. */
  promotion?: { mw: number; seconds: number } | undefined;
  /** Still connected after the last packet. */
  tail?: { mw: number; seconds: number } | undefined;
  sleepMw: number;
  /** Kilobits a second while it sends (up) or receives (down). */
  rateKbit: { up: number; down: number };
}

/** What a radio is on for: how long from the first packet to the last, and the bytes of all packets with their headers. */
export interface Activity {
  seconds: number;
  bytesUp: number;
  bytesDown: number;
}

/** Millijoules by state. */
export interface EnergyParts {
  promotion: number;
  transmit: number;
  receive: number;
  listen: number;
  tail: number;
}

/**
 * What an activity takes, modelled as the sum of time in each state × its power, after N. Balasubramanian et al., "Energy
 * Consumption in Mobile Phones" (IMC 2009, §3: ramp, transfer, tail), and Huang et al., "A Close Examination of
 * Performance and Power Characteristics of 4G LTE Networks" (MobiSys 2012, §5: promotion, continuous reception, tail).
 * Bytes at the radio's rate are transmitted and received; the rest of the time it listens. An activity that follows
 * `gapSeconds` after the end of this one cuts its tail short; where the tail lasts that long, the radio was never asleep
 * and needs no promotion.
 */
export function energyOf(radio: Radio, activity: Activity, gapSeconds: number = Infinity): EnergyParts {
  const { promotion, tail, rateKbit } = radio;
  const transmitSeconds = airSeconds(activity.bytesUp, rateKbit.up);
  const receiveSeconds = airSeconds(activity.bytesDown, rateKbit.down);
  const gap = Math.max(0, gapSeconds);
  const awake = tail !== undefined && tail.seconds >= gap;
  return {
    promotion: promotion === undefined || awake ? 0 : promotion.mw * promotion.seconds,
    transmit: radio.transmitMw * transmitSeconds,
    receive: radio.receiveMw * receiveSeconds,
    listen: radio.listenMw * Math.max(0, activity.seconds - transmitSeconds - receiveSeconds),
    tail: tail === undefined ? 0 : tail.mw * Math.min(tail.seconds, gap),
  };
}

/** Seconds that bytes are on the air: a kilobit is 1,000 bits. */
function airSeconds(bytes: number, kbit: number): number {
  return (bytes * 8) / (kbit * 1000);
}

/** All states together. */
export function millijoules({ promotion, transmit, receive, listen, tail }: EnergyParts): number {
  return promotion + transmit + receive + listen + tail;
}

/** An activity and the sleep until the next one, which begins `periodSeconds` after it began. */
function cycleMillijoules(radio: Radio, activity: Activity, periodSeconds: number): number {
  const gap = periodSeconds - activity.seconds;
  const parts = energyOf(radio, activity, gap);
  const { tail, promotion } = radio;
  const promoting = parts.promotion === 0 ? 0 : (promotion?.seconds ?? 0);
  const asleep = Math.max(0, gap - (tail?.seconds ?? 0) - promoting);
  return millijoules(parts) + radio.sleepMw * asleep;
}

/** What a sensor does to send a message: wakes, connects, sends and disconnects; or sends over a connection that stands. */
export interface Habits {
  wake: Activity;
  /** A message over a connection that stands, and its acknowledgement. */
  message: Activity;
  /** PINGREQ and PINGRESP. */
  ping: Activity;
}

/** How two habits compare, a message each `intervalSeconds`; millijoules a message, sleep included. */
export interface BreakEven {
  connectMillijoules: number;
  stayMillijoules: number;
  /**
   * Messages that a connection must carry before staying connected takes less, at this interval: the first costs as much
   * either way, and each further one saves or it does not. Undefined: however many.
   */
  messages: number | undefined;
  /** Staying connected takes less as long as messages are no further apart than this; undefined: however far. */
  everySeconds: number | undefined;
}

/** Nobody asks about messages that are further apart than so many keep-alive times. */
const MOST_PINGS = 100_000;

/**
 * Connecting for every message against staying connected with pings, modelled. A client pings when it has sent nothing for
 * the keep-alive time (OASIS MQTT 3.1.1 §3.1.2.10), so that messages `intervalSeconds` apart have
 * ⌈interval ∕ keep-alive⌉ − 1 pings between them. Each ping costs the radio an activity, and its tail; each connection that
 * was not made saves one. In both the radio sleeps whenever it has nothing to do.
 */
export function breakEven(
  radio: Radio,
  habits: Habits,
  { keepAliveSeconds, intervalSeconds }: { keepAliveSeconds: number; intervalSeconds: number },
): BreakEven {
  const connect = (interval: number): number => cycleMillijoules(radio, habits.wake, interval);
  const stay = (interval: number): number => stayMillijoules(radio, habits, keepAliveSeconds, interval);
  // Between two multiples nothing changes but the time asleep, which is in both.
  let pings = 1;
  while (pings <= MOST_PINGS && stay(pings * keepAliveSeconds) < connect(pings * keepAliveSeconds)) pings++;
  return {
    connectMillijoules: connect(intervalSeconds),
    stayMillijoules: stay(intervalSeconds),
    messages: stay(intervalSeconds) < connect(intervalSeconds) ? 2 : undefined,
    everySeconds: pings > MOST_PINGS ? undefined : (pings - 1) * keepAliveSeconds,
  };
}

function stayMillijoules(
  radio: Radio,
  { message, ping }: Habits,
  keepAlive: number,
  interval: number,
): number {
  const pings = Math.max(0, Math.ceil(interval / keepAlive) - 1);
  if (pings === 0) return cycleMillijoules(radio, message, interval);
  return (
    cycleMillijoules(radio, message, keepAlive) +
    (pings - 1) * cycleMillijoules(radio, ping, keepAlive) +
    cycleMillijoules(radio, ping, interval - pings * keepAlive)
  );
}

/** Millijoules a message when a connection carries so many of them, and is then closed and made anew. */
export function perMessage(
  { connectMillijoules, stayMillijoules }: Pick<BreakEven, 'connectMillijoules' | 'stayMillijoules'>,
  messages: number,
): number {
  return (connectMillijoules + (messages - 1) * stayMillijoules) / messages;
}
