import type { Packet } from 'mqtt';
import { generate } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import type { Negotiated } from '../../measure/negotiated.ts';
import type { Client } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import { isRefusal, type Failure } from '../failure.ts';
import { clientIdOf, topicOf } from '../names.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { Attempt, HandshakeJob } from './handshake.protocol.ts';

type Stamps = Attempt['stampsUs'];

/** The packet that an action waits for last; QoS 0 waits for nothing of the broker's. */
const LAST_PACKET = {
  subscribe: ['suback', 'suback', 'suback'],
  publish: [undefined, 'puback', 'pubcomp'],
} as const;

/** What a closed port looks like to a client whose own time is not up yet: a reset, or the kernel's end of trying. */
const CLOSED_REASON = { reject: 'tcp-refused', drop: 'tcp-timeout' } as const;

/**
 * One attempt of the handshake workload: connect, publish or subscribe, wait for what the QoS asks, disconnect.
 * `onDone` is told once, with the failure where there was one; of a wake-up when its socket is closed. It began at `beganUs`
 * where something came before the connection.
 */
export class AttemptRun {
  readonly #id: number;
  readonly #target: Target;
  readonly #job: HandshakeJob;
  readonly #onDone: (attempt: Attempt) => void;
  readonly #connection: Client;
  readonly #startedUs: number;
  readonly #timeLimit: NodeJS.Timeout;
  readonly #stampsUs: Stamps = {};
  #bytesAtConnack: Client['bytes'] | undefined;
  /** Only PUBLISH can leave with CONNECT. */
  readonly #pipelined: boolean;
  #done = false;
  /** When a CONNACK that refuses was read. */
  #connackUs: number | undefined;
  #refusal: string | undefined;
  /** What was negotiated, looked at before a broker that refuses ends the connection, and before a sensor does. */
  #negotiated: Negotiated | undefined;
  /** Messages that are not acknowledged as their QoS asks. */
  #awaited: number;
  /** What was counted before a sensor went to sleep; then nothing but the end of its connection is to come. */
  #asleep: { bytes: Attempt['bytes'] } | undefined;

  constructor(
    id: number,
    target: Target,
    job: HandshakeJob,
    onDone: (attempt: Attempt) => void,
    beganUs?: number,
  ) {
    this.#id = id;
    this.#target = target;
    this.#job = job;
    this.#onDone = onDone;
    this.#pipelined = target.pipelined && job.action === 'publish';
    this.#awaited = job.wake?.messages ?? 1;
    this.#connection = openClient(
      job.client,
      target,
      {
        clientId: clientIdOf(id),
        watched: true,
        ...(this.#pipelined ? { first: this.#publishes() } : {}),
      },
      {
        onPacket: (packet, atUs) => this.#onPacket(packet, atUs),
        onFailure: (failure) => this.#onFailure(failure),
      },
    );
    this.#startedUs = beganUs ?? this.#connection.startedUs;
    this.#timeLimit = setTimeout(() => this.#timeOut(), job.timeoutMs);
  }

  /** Ends the attempt as failed. */
  abort(reason: string, detail: string): void {
    if (this.#done) return;
    this.#connection.destroy();
    this.#finish({ reason, detail });
  }

  /** Resolves when the socket is closed, DISCONNECT sent. */
  async close(): Promise<void> {
    await this.#connection.end();
  }

  /** To be refused is what some modes, brokers and topologies are for. */
  #onFailure(failure: Failure, atUs = nowUs()): void {
    if (this.#done) return;
    const { closed, refusedAt } = this.#target;
    const meant =
      closed === undefined
        ? refusedAt !== undefined && isRefusal(failure, refusedAt)
        : failure.reason === CLOSED_REASON[closed];
    if (!meant) {
      this.#connection.destroy();
      return this.#finish(failure);
    }
    this.#stampsUs.refused = this.#connackUs ?? atUs;
    if (closed === undefined) this.#refusal = failure.reason;
    return this.#finish();
  }

  #onPacket(packet: Packet, atUs: number): void {
    if (this.#done || this.#asleep !== undefined) return;
    const { action, qos } = this.#job;
    const refusal = refusalOf(packet);
    if (packet.cmd === 'connack') {
      if (!isAccepted(packet)) {
        // The client makes an error of it, which is told when the socket, and what it tells of TLS, is gone.
        this.#connackUs = atUs;
        this.#negotiated = this.#connection.negotiated;
        return;
      }
      this.#stampsUs.connackReceived = atUs;
      this.#bytesAtConnack = this.#connection.bytes;
      this.#act();
    } else if (packet.cmd === 'suback') {
      this.#stampsUs.subackReceived = atUs;
    } else if (packet.cmd === 'puback') this.#stampsUs.pubackReceived = atUs;
    else if (packet.cmd === 'pubrec') {
      this.#stampsUs.pubrecReceived = atUs;
      const { messageId } = packet;
      // A client answers to what it sent itself alone.
      if ((this.#pipelined || this.#job.wake !== undefined) && refusal === undefined)
        this.#connection.write(this.#encode({ cmd: 'pubrel', messageId: messageId ?? 0 }));
    } else if (packet.cmd === 'pubcomp') this.#stampsUs.pubcompReceived = atUs;
    if (refusal !== undefined) this.#onFailure(refusal, atUs);
    else if (packet.cmd === LAST_PACKET[action][qos] && --this.#awaited === 0) this.#finish();
  }

  /** PUBLISH packets that are written past mqtt.js, which would send several one after another. */
  #publishes(): Buffer {
    const { qos, payloadBytes } = this.#job;
    const packets = Array.from({ length: this.#awaited }, (_, index) =>
      this.#encode({
        cmd: 'publish',
        topic: topicOf(this.#target.cell, this.#id),
        payload: Buffer.alloc(payloadBytes, 'm'),
        qos,
        dup: false,
        retain: false,
        ...(qos === 0 ? {} : { messageId: index + 1 }),
      }),
    );
    return Buffer.concat(packets);
  }

  #encode(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.#target.protocolVersion });
  }

  #act(): void {
    const { action, qos, payloadBytes } = this.#job;
    const topic = topicOf(this.#target.cell, this.#id);
    const isDenied = this.#target.refusedAt === 'publish';
    // Once PUBLISH is on its way, so that looking does not hold it up.
    if (isDenied) setImmediate(() => (this.#negotiated = this.#connection.negotiated));
    if (this.#pipelined) {
      if (qos === 0 && !isDenied) this.#finish();
    } else if (action === 'subscribe') {
      this.#connection.subscribe(topic, qos);
    } else {
      const onSent = (): void => {
        // mqtt.js calls back before its corked stream has written: the bytes of PUBLISH are counted a turn later.
        if (qos === 0 && !isDenied) setImmediate(() => this.#finish());
      };
      if (this.#job.wake === undefined)
        this.#connection.publish(topic, Buffer.alloc(payloadBytes, 'm'), qos, onSent);
      else {
        this.#connection.write(this.#publishes());
        onSent();
      }
    }
  }

  #timeOut(): void {
    const reached = Object.keys(this.#stamps()).at(-1) ?? 'nothing';
    if (this.#target.closed === 'drop' && reached === 'nothing') {
      // Nobody says no: that the client gives up now is all that there is to know.
      this.#connection.destroy();
      this.#stampsUs.refused = nowUs();
      return this.#finish();
    }
    this.abort('timeout', `No answer within ${this.#job.timeoutMs} ms; the last milestone was ${reached}.`);
  }

  #stamps(): Stamps {
    const { tcpConnectedUs, handshakeDoneUs } = this.#connection;
    // The emulator stands in for the TCP handshake where the kernel accepts before it: what it adds is modelled.
    const tcpConnected =
      tcpConnectedUs === undefined ? undefined : tcpConnectedUs + this.#target.modelledConnectMs * 1000;
    return {
      ...(tcpConnected === undefined ? {} : { tcpConnected }),
      ...(handshakeDoneUs === undefined ? {} : { clientHandshakeDone: handshakeDoneUs }),
      ...this.#stampsUs,
    };
  }

  /** What is counted is counted before the connection ends, which would be taken for part of the handshake. */
  async #sleep(): Promise<void> {
    this.#negotiated = this.#whatWasNegotiated();
    this.#asleep = { bytes: this.#bytes() };
    await this.#connection.hangUp(this.#encode({ cmd: 'disconnect' }));
    this.#stampsUs.disconnected = nowUs();
    this.#finish();
  }

  #finish(failure?: Failure): void {
    if (this.#done) return;
    const isGood = failure === undefined && this.#stampsUs.refused === undefined;
    if (this.#job.wake !== undefined && isGood && this.#asleep === undefined) {
      void this.#sleep();
      return;
    }
    this.#done = true;
    clearTimeout(this.#timeLimit);
    // What ends a connection has records of its own, which would be taken for those of the handshake.
    const bytes =
      failure === undefined && this.#refusal === undefined
        ? (this.#asleep ?? { bytes: this.#bytes() }).bytes
        : undefined;
    const { local } = this.#connection;
    this.#onDone({
      id: this.#id,
      startedUs: this.#startedUs,
      stampsUs: this.#stamps(),
      ...(local === undefined ? {} : { local }),
      dialledPort: this.#target.port,
      modelledConnectMs: this.#target.modelledConnectMs,
      negotiated: failure === undefined ? this.#whatWasNegotiated() : {},
      ...(bytes === undefined ? {} : { bytes }),
      ...(failure === undefined ? {} : { failure }),
    });
  }

  #whatWasNegotiated(): Negotiated {
    const negotiated = this.#negotiated ?? this.#connection.negotiated;
    return this.#refusal === undefined ? negotiated : { ...negotiated, refusal: this.#refusal };
  }

  /**
   * The handshake's bytes are what was on the wire at CONNACK less the records of CONNECT and CONNACK. How much a
   * record adds to its content depends on the suite; it is read off the records sent since, whose content is known.
   */
  #bytes(): Attempt['bytes'] {
    const then = this.#bytesAtConnack;
    const now = this.#connection.bytes;
    // Bun and Deno do not count what TLS adds; there the link alone tells.
    if (then === undefined || now === undefined || now.wireUp < now.appUp) return undefined;
    // How many records several messages are in is the stack's own matter.
    if ((this.#job.wake?.messages ?? 1) > 1) return undefined;
    // QoS 2 sends PUBLISH and PUBREL, every other action one packet.
    const recordsSince = this.#job.action === 'publish' && this.#job.qos === 2 ? 2 : 1;
    const overhead = Math.round((now.wireUp - then.wireUp - (now.appUp - then.appUp)) / recordsSince);
    return {
      handshakeUp: Math.max(0, then.wireUp - then.appUp - overhead),
      handshakeDown: Math.max(0, then.wireDown - then.appDown - overhead),
      up: now.wireUp,
      down: now.wireDown,
    };
  }
}
