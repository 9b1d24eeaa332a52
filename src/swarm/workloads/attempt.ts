import type { Packet } from 'mqtt';
import { generate } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import { Connection } from '../clients/mqttjs.ts';
import { isRefusal, type Failure } from '../failure.ts';
import { clientIdOf, topicOf } from '../names.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { Attempt, HandshakeJob } from '../worker.protocol.ts';

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
 * `onDone` is told once, with the failure where there was one. It began at `beganUs` where something came before the
 * connection.
 */
export class AttemptRun {
  readonly #id: number;
  readonly #target: Target;
  readonly #job: HandshakeJob;
  readonly #onDone: (attempt: Attempt) => void;
  readonly #connection: Connection;
  readonly #startedUs: number;
  readonly #timeLimit: NodeJS.Timeout;
  readonly #stampsUs: Stamps = {};
  #bytesAtConnack: Connection['bytes'] | undefined;
  /** Only PUBLISH can leave with CONNECT. */
  readonly #pipelined: boolean;
  #done = false;

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
    this.#connection = new Connection(
      target,
      { clientId: clientIdOf(id), ...(this.#pipelined ? { first: this.#publish() } : {}) },
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

  /** To be refused is what some modes are for. */
  #onFailure(failure: Failure): void {
    const { closed, refused } = this.#target;
    const meant =
      closed === undefined ? refused && isRefusal(failure) : failure.reason === CLOSED_REASON[closed];
    if (!meant) return this.#finish(failure);
    this.#stampsUs.refused = nowUs();
    return this.#finish();
  }

  #onPacket(packet: Packet, atUs: number): void {
    if (this.#done) return;
    const { action, qos } = this.#job;
    const refusal = refusalOf(packet);
    if (packet.cmd === 'connack') {
      // mqtt.js turns a refusal into an error of its own.
      if (!isAccepted(packet)) return;
      this.#stampsUs.connackReceived = atUs;
      this.#bytesAtConnack = this.#connection.bytes;
      this.#act();
    } else if (packet.cmd === 'suback') {
      this.#stampsUs.subackReceived = atUs;
    } else if (packet.cmd === 'puback') this.#stampsUs.pubackReceived = atUs;
    else if (packet.cmd === 'pubrec') {
      this.#stampsUs.pubrecReceived = atUs;
      const { messageId } = packet;
      // mqtt.js answers to what it sent itself alone.
      if (this.#pipelined && refusal === undefined)
        this.#connection.write(this.#encode({ cmd: 'pubrel', messageId: messageId ?? 0 }));
    } else if (packet.cmd === 'pubcomp') this.#stampsUs.pubcompReceived = atUs;
    if (refusal !== undefined) this.abort(refusal.reason, refusal.detail);
    else if (packet.cmd === LAST_PACKET[action][qos]) this.#finish();
  }

  /** The PUBLISH packet of a pipelined attempt. */
  #publish(): Buffer {
    const { qos, payloadBytes } = this.#job;
    return this.#encode({
      cmd: 'publish',
      topic: topicOf(this.#target.cell, this.#id),
      payload: Buffer.alloc(payloadBytes, 'm'),
      qos,
      dup: false,
      retain: false,
      ...(qos === 0 ? {} : { messageId: 1 }),
    });
  }

  #encode(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.#target.protocolVersion });
  }

  #act(): void {
    const { action, qos, payloadBytes } = this.#job;
    const topic = topicOf(this.#target.cell, this.#id);
    const { client } = this.#connection;
    if (this.#pipelined) {
      if (qos === 0) this.#finish();
    } else if (action === 'subscribe') {
      client?.subscribe(topic, { qos });
    } else {
      client?.publish(topic, Buffer.alloc(payloadBytes, 'm'), { qos }, () => {
        // mqtt.js calls back before its corked stream has written: the bytes of PUBLISH are counted a turn later.
        if (qos === 0) setImmediate(() => this.#finish());
      });
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

  #finish(failure?: Failure): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timeLimit);
    const bytes = failure === undefined ? this.#bytes() : undefined;
    const { local } = this.#connection;
    this.#onDone({
      id: this.#id,
      startedUs: this.#startedUs,
      stampsUs: this.#stamps(),
      ...(local === undefined ? {} : { local }),
      dialledPort: this.#target.port,
      modelledConnectMs: this.#target.modelledConnectMs,
      negotiated: failure === undefined ? this.#connection.negotiated : {},
      ...(bytes === undefined ? {} : { bytes }),
      ...(failure === undefined ? {} : { failure }),
    });
  }

  /**
   * The handshake's bytes are what was on the wire at CONNACK less the records of CONNECT and CONNACK. How much a
   * record adds to its content depends on the suite; it is read off the records sent since, whose content is known.
   */
  #bytes(): Attempt['bytes'] {
    const then = this.#bytesAtConnack;
    const now = this.#connection.bytes;
    // Bun and Deno do not count what TLS adds; there the link alone tells.
    if (then === undefined || now.wireUp < now.appUp) return undefined;
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
