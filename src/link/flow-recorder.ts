import { BrokerEnd } from './broker-end.ts';
import type { Endpoint, Flow } from './flow.ts';
import { MqttTap } from './tap/mqtt-tap.ts';
import { TlsTap } from './tap/tls-tap.ts';

/** A handshake has fewer than ten flights; a long subscription must not fill the memory. */
const FLIGHTS_KEPT = 32;

interface Departure {
  from: 'client' | 'broker';
  leavesUs: number;
  bytes: number;
}

/** Gathers what the link sees of one connection. A flight is a maximal run of chunks in one direction. */
export class FlowRecorder {
  readonly #flow: Flow;
  readonly #tap = new TlsTap();
  /** For a connection without TLS, which is what the other one cannot read. */
  readonly #mqtt = new MqttTap();
  readonly #brokerEnd = new BrokerEnd();
  /** Chunks of the client that leave, on the modelled link, later than they came here; in order. */
  readonly #leavingLater: Departure[] = [];
  #lastFrom: 'client' | 'broker' | undefined;
  #full = false;

  constructor(client: Endpoint, dialledPort: number, linkId: string, openedUs: number) {
    this.#flow = {
      client,
      dialledPort,
      linkId,
      openedUs,
      atBroker: {},
      flights: [],
      bytesUp: 0,
      bytesDown: 0,
      maxLateMs: 0,
    };
  }

  /** Counts a chunk that is here now; times in microseconds of the monotonic clock, `leavesUs` ≥ `hereUs`. */
  chunk(from: 'client' | 'broker', leavesUs: number, bytes: number, hereUs: number): void {
    if (from === 'client') this.#flow.bytesUp += bytes;
    else {
      this.#flow.bytesDown += bytes;
      this.#brokerEnd.left(this.#flow.bytesDown, leavesUs);
    }
    this.#settle(hereUs);
    if (leavesUs > hereUs) this.#leavingLater.push({ from, leavesUs, bytes });
    else this.#append({ from, leavesUs, bytes });
  }

  /** Reads what an end sent next; each end's bytes once and in order. */
  bytes(from: 'client' | 'broker', bytes: Uint8Array): void {
    this.#tap.feed(from, bytes);
    this.#mqtt.feed(from, bytes);
  }

  /** The connection is ready to be accepted at the broker's end. */
  accepted(atUs: number): void {
    this.#brokerEnd.accepted(atUs);
  }

  /** So many bytes of the client's stream are at the broker's end, without a hole. */
  arrived(bytes: number, atUs: number): void {
    this.#brokerEnd.arrived(bytes, atUs);
  }

  /** Bytes of an end will never be told. */
  missed(): void {
    this.#tap.miss();
    this.#mqtt.miss();
  }

  late(lateUs: number): void {
    this.#flow.maxLateMs = Math.max(this.#flow.maxLateMs, lateUs / 1000);
  }

  finish(): Flow {
    this.#settle(Infinity);
    const tls = this.#tap.finish();
    const atBroker = this.#brokerEnd.tell(tls === undefined ? this.#mqtt.marks : this.#tap.marks);
    const clientId = tls === undefined ? this.#mqtt.clientId : undefined;
    return {
      ...this.#flow,
      atBroker,
      ...(tls === undefined ? {} : { tls }),
      ...(clientId === undefined ? {} : { clientId }),
    };
  }

  /** Nothing that is yet to come can leave before now, so the order up to now is final. */
  #settle(untilUs: number): void {
    while (this.#leavingLater[0] !== undefined && this.#leavingLater[0].leavesUs <= untilUs) {
      const departure = this.#leavingLater.shift();
      if (departure !== undefined) this.#append(departure);
    }
  }

  #append({ from, leavesUs, bytes }: Departure): void {
    const { flights } = this.#flow;
    const open = flights.at(-1);
    if (from !== this.#lastFrom) {
      this.#lastFrom = from;
      if (flights.length < FLIGHTS_KEPT) flights.push({ from, leavesUs, bytes });
      else this.#full = true;
    } else if (open !== undefined && !this.#full) {
      open.bytes += bytes;
    }
  }
}
