import { Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import type { Endpoint as Address, Flow } from '../backend.ts';
import { FlowRecorder } from '../flow-recorder.ts';
import { Entrance } from './entrance.ts';
import type { Recorder } from '../recorded.ts';
import type { Link } from './link.ts';
import { Outlet } from './outlet.ts';
import type { Scheduler } from './scheduler.ts';
import { SyntheticPackets } from './synthetic-packets.ts';
import { Endpoint } from './tcp/endpoint.ts';
import { Handshake, type Greeting } from './tcp/handshake.ts';
import type { Parcel } from './tcp/segment.ts';
import type { Wire } from './wire.ts';

/**
 * What may be under way in one direction of one connection before the sender is held back: 4 MiB, about the largest
 * receive window that Linux grants (net.ipv4.tcp_rmem). It is read again when half of that has left.
 */
const FULL_BYTES = 4 * 1024 * 1024;

export interface ConnectionOptions {
  link: Link;
  /** The broker's listener behind the link. */
  target: Address;
  scheduler: Scheduler;
  /** Told the lateness of everything that had to wait. */
  onLate: (lateUs: number) => void;
  /** Keeps the packets of the modelled TCP, where they are wanted. */
  recorder: Recorder;
}

interface End {
  socket: Socket;
  outlet: Outlet;
  tcp: Endpoint;
  /** Bytes that came from the socket and have not been taken at the other end. */
  heldBytes: number;
}

/**
 * One client's connection across a link.
 *
 *     client ══ socket ══► entrance ─► modelled TCP ─ up wire ─► modelled TCP ══ socket ══► broker
 *     client ◄══ socket ══ modelled TCP ◄─ down wire ─ modelled TCP ◄══ socket ══ broker
 *
 * The kernels at either end give their bytes at once; the modelled TCP between them sends those as a real one would
 * across this link. The broker is dialled when the SYN reaches it, so that its side needs no correction; the client's
 * side is corrected by the {@link Entrance}.
 */
export class Connection {
  /** Settles when both sockets are closed. */
  readonly done: Promise<Flow>;
  readonly #done = Promise.withResolvers<Flow>();
  readonly #options: ConnectionOptions;
  readonly #flow: FlowRecorder;
  readonly #client: End;
  readonly #broker: End;
  readonly #entrance: Entrance;
  readonly #handshake: Handshake;
  readonly #packets: SyntheticPackets | undefined;
  readonly #openedUs: number;
  #retransmitted = 0;
  /** Of the client's stream, what the broker's socket was given. */
  #atBrokerBytes = 0;
  #acceptedUs: number | undefined;
  #seenAs: Flow['seenAs'];
  #connectedUs: number | undefined;
  #openSockets = 2;

  constructor(socket: Socket, options: ConnectionOptions) {
    const { link, scheduler } = options;
    const { up, down } = link;
    scheduler.catchUp();
    this.#openedUs = nowUs();
    this.done = this.#done.promise;
    this.#options = options;
    // A client that is gone already has no address any more.
    const from = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    this.#flow = new FlowRecorder(from, socket.localPort ?? 0, link.id, this.#openedUs);
    this.#packets = options.recorder.wanted
      ? new SyntheticPackets(
          { client: from, broker: { host: socket.localAddress ?? '', port: socket.localPort ?? 0 } },
          options.recorder,
        )
      : undefined;
    this.#client = this.#end('client', socket, up, down);
    this.#broker = this.#end('broker', new Socket({ allowHalfOpen: true, noDelay: true }), down, up);
    Endpoint.join(this.#client.tcp, this.#broker.tcp);
    this.#entrance = new Entrance(scheduler, (parcel, atUs) => this.#client.tcp.write(parcel, atUs));
    const packets = this.#packets;
    this.#handshake = new Handshake({
      scheduler,
      up,
      down,
      onRelease: this.#late,
      onSyn: () => this.#dial(options.target),
      onDone: (greeting) => this.#greet(greeting),
      onFailed: () => this.destroy(),
      ...(packets === undefined ? {} : { onSynPacket: (from, atUs) => packets.syn(from, atUs) }),
    });
    this.#listen('client');
    this.#listen('broker');
    this.#handshake.start(this.#openedUs);
  }

  /** Closes both ends at once, whatever is under way. */
  destroy(): void {
    this.#client.socket.destroy();
    this.#broker.socket.destroy();
  }

  readonly #late = (lateUs: number, waited: boolean): void => {
    this.#flow.late(lateUs);
    if (waited) this.#options.onLate(lateUs);
  };

  #end(name: 'client' | 'broker', socket: Socket, out: Wire, back: Wire): End {
    const outlet = new Outlet(socket, (bytes, atUs) => {
      if (name === 'broker') this.#flow.arrived((this.#atBrokerBytes += bytes), atUs);
      this.#taken(name === 'client' ? this.#broker : this.#client, bytes);
    });
    const packets = this.#packets;
    const tcp = new Endpoint({
      scheduler: this.#options.scheduler,
      out,
      back,
      onRelease: this.#late,
      onDeparture: ({ payloadBytes }, atUs, again) => {
        if (again) this.#retransmitted++;
        else if (payloadBytes > 0) this.#flow.chunk(name, atUs, payloadBytes, atUs);
      },
      deliver: (parcel) => {
        if (name === 'client') this.#entrance.heard();
        outlet.put(parcel);
      },
      ...(packets === undefined
        ? {}
        : {
            onPacket: (segment, acknowledged, atUs) => packets.packet(name, segment, acknowledged, atUs),
          }),
    });
    return { socket, outlet, tcp, heldBytes: 0 };
  }

  /** The broker's kernel answers at once, and has the connection for it to accept: nothing is between them here. */
  #dial(target: Address): void {
    const { socket } = this.#broker;
    if (socket.destroyed) return;
    let dialledUs = nowUs();
    // Later by what Node does until it asks the kernel.
    socket.once('connectionAttempt', () => (dialledUs = nowUs()));
    socket.once('connect', () => {
      this.#acceptedUs = dialledUs;
      const { localAddress: host = '', localPort: port = 0 } = socket;
      this.#seenAs = { host, port, dialledPort: target.port };
      this.#flow.accepted(dialledUs);
    });
    socket.connect(target);
  }

  #greet({ atUs, roundTripUs, lost }: Greeting): void {
    this.#connectedUs = atUs;
    this.#client.tcp.established(roundTripUs, lost > 1);
    this.#broker.tcp.established(roundTripUs, false);
    this.#client.tcp.acknowledge(atUs);
    this.#entrance.open(atUs - this.#openedUs);
  }

  #listen(name: 'client' | 'broker'): void {
    const end = name === 'client' ? this.#client : this.#broker;
    const { socket } = end;
    const pass = (parcel: Parcel): void => {
      this.#options.scheduler.catchUp();
      if (typeof parcel !== 'string') this.#flow.bytes(name, parcel);
      if (name === 'client') this.#entrance.push(parcel, nowUs());
      else end.tcp.write(parcel, nowUs());
    };
    socket.on('data', (bytes: Buffer) => {
      end.heldBytes += bytes.length;
      if (end.heldBytes > FULL_BYTES) socket.pause();
      pass(bytes);
    });
    socket.once('end', () => pass('end'));
    // An error is a reset to the other end, whatever its name: refused, reset, broken pipe; 'close' follows it.
    socket.on('error', () => {});
    socket.once('close', (hadError) => {
      if (hadError) pass('reset');
      this.#closed(end);
    });
  }

  #taken(from: End, bytes: number): void {
    from.heldBytes -= bytes;
    if (from.heldBytes < FULL_BYTES / 2 && from.socket.isPaused()) from.socket.resume();
  }

  /** What was under way to it is forgotten, and its other end read on, so that its end is noticed. */
  #closed(end: End): void {
    const other = end === this.#client ? this.#broker : this.#client;
    other.tcp.stopSending();
    other.heldBytes = -Infinity;
    other.socket.resume();
    this.#openSockets -= 1;
    if (this.#openSockets > 0) return;
    this.#handshake.stop();
    this.#client.tcp.stop();
    this.#broker.tcp.stop();
    this.#done.resolve(this.#told());
  }

  #told(): Flow {
    const connectedUs = this.#connectedUs;
    const acceptedUs = this.#acceptedUs;
    const seenAs = this.#seenAs;
    return {
      ...this.#flow.finish(),
      ...(seenAs === undefined ? {} : { seenAs }),
      ...(acceptedUs === undefined ? {} : { acceptedUs }),
      retransmitted: this.#retransmitted + this.#handshake.retransmitted,
      ...(connectedUs === undefined ? {} : { modelledConnectMs: (connectedUs - this.#openedUs) / 1000 }),
    };
  }
}
