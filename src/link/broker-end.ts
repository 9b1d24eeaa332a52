import type { AtBroker } from './flow.ts';
import type { StreamMarks } from './tap/stream-marks.ts';

/** A handshake with the largest chains, a CONNECT and a PUBLISH take some hundred segments. */
const KEPT = 4096;

/** How far a stream had come, and when: both only grow. */
class Progress {
  readonly #steps: { bytes: number; atUs: number }[] = [];
  #bytes = 0;

  /** The stream is there up to so many bytes now. */
  reach(bytes: number, atUs: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    if (this.#steps.length < KEPT) this.#steps.push({ bytes, atUs });
  }

  /** When so many bytes were there; undefined when they were not, or when there was too much before. */
  at(bytes: number | undefined): number | undefined {
    return bytes === undefined ? undefined : this.#steps.find((step) => step.bytes >= bytes)?.atUs;
  }
}

/**
 * What passes the broker's end of a link: how much of the client's stream has come there without a hole, and how much
 * of the broker's own has left. With the marks of a tap it tells when what of the connection did.
 */
export class BrokerEnd {
  readonly #arrived = new Progress();
  readonly #left = new Progress();
  #acceptedUs: number | undefined;

  /** The client's last part of the TCP handshake is there, and the connection ready to be accepted. */
  accepted(atUs: number): void {
    this.#acceptedUs ??= atUs;
  }

  /** So many bytes of the client's stream are at the broker's end without a hole. */
  arrived(bytes: number, atUs: number): void {
    this.#arrived.reach(bytes, atUs);
  }

  /** So many bytes of the broker's stream have left. */
  left(bytes: number, atUs: number): void {
    this.#left.reach(bytes, atUs);
  }

  /** What is known of the places that a tap marked. */
  tell({ handshakeEnd, answer, connect, connack, publish, together, next }: StreamMarks): AtBroker {
    const instants: { [K in keyof AtBroker]: number | undefined } = {
      acceptedUs: this.#acceptedUs,
      firstFlightUs: this.#arrived.at(1),
      handshakeDoneUs: this.#arrived.at(handshakeEnd),
      handshakeAnsweredUs: this.#left.at(answer),
      connectReceivedUs: this.#arrived.at(connect),
      connackSentUs: this.#left.at(connack),
      publishReceivedUs: this.#arrived.at(publish),
      togetherReceivedUs: this.#arrived.at(together),
      nextReceivedUs: this.#arrived.at(next),
    };
    return Object.fromEntries(Object.entries(instants).filter(([, us]) => us !== undefined));
  }
}
