import {
  connect,
  createSecureContext,
  createServer,
  type SecureContext,
  type ConnectionOptions,
  type Server,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls';
import { mismatches } from '../modes/check.ts';
import type { Mode, TlsClient } from '../modes/mode.ts';
import { describeTls } from '../modes/observe.ts';
import { rememberSessions } from '../modes/session-cache.ts';
import { BROKER_NAME, type BrokerMaterial, type ClientMaterial } from '../pki/material.ts';
import { keyTypeOf } from './key-type.ts';
import { Lockstep, type Flight } from './lockstep.ts';

export interface Materials {
  broker: BrokerMaterial;
  client: ClientMaterial;
}

/** CPU time of one handshake, by end, in milliseconds. */
export interface Cost {
  clientMs: number;
  brokerMs: number;
}

/** One handshake: what it cost, and what crossed the wire, in order. */
export interface Handshake extends Cost {
  flights: Flight[];
}

/** What the ends of one connection saw. */
interface Seen {
  client?: TLSSocket;
  broker?: TLSSocket;
  clientIdentity?: string;
  brokerIdentity?: string;
  /** Flights that had crossed when the client was done. */
  flightsToClientDone?: number;
  sessions: Buffer[];
  error?: Error;
}

/**
 * Client and broker of one mode in one process, joined by a wire in memory. Their contexts are made once; each
 * handshake has sockets of its own and is held against what the mode expects, outside the timed part.
 */
export class Pair {
  readonly mode: Mode;
  readonly #server: Server;
  readonly #context: SecureContext;
  readonly #psk: TlsClient['psk'];
  /** Sessions of full handshakes, each for one resumption. */
  readonly #sessions: Buffer[] = [];
  #seen: Seen = { sessions: [] };
  #keySeen = false;

  /** Throws a RangeError for a mode without TLS, or whose clients are refused; an OpenSSL error where the stack lacks what it needs. */
  constructor(mode: Mode, { broker, client }: Materials) {
    const [options, security] = [mode.broker(broker), mode.client(client)];
    if (options === undefined || security === undefined) throw new RangeError('it has no TLS');
    if (mode.refusedAt === 'handshake')
      throw new RangeError('its clients are refused, so no handshake is done');
    this.mode = mode;
    this.#context = createSecureContext(security.context);
    this.#psk = security.psk;
    const { pskCallback } = options;
    const watched: TlsOptions = { ...options };
    if (pskCallback !== undefined) {
      watched.pskCallback = (socket, identity) => {
        this.#seen.brokerIdentity = identity;
        return pskCallback(socket, identity);
      };
    }
    this.#server = createServer(watched);
    this.#server.on('secureConnection', (socket) => {
      this.#seen.broker = socket;
      socket.on('error', () => {});
    });
    this.#server.on('tlsClientError', (error) => (this.#seen.error ??= error));
    if (mode.resumption === 'session-id') rememberSessions(this.#server);
  }

  /**
   * One handshake, from the first thing that either end does for it until both are done and quiet: the broker's tickets
   * are written and read. In a mode that resumes, sessions are fetched by full handshakes when there are none left, and
   * their cost is not counted. Rejects when a handshake fails, or is not what the mode says.
   */
  async handshake(): Promise<Handshake> {
    if (this.mode.resumption === undefined) return this.#connect(undefined);
    if (this.#sessions.length === 0) {
      await this.#connect(undefined, true);
      this.#sessions.push(...this.#seen.sessions);
      if (this.#sessions.length === 0) throw new Error('a full handshake gave no session to resume');
    }
    return this.#connect(this.#sessions.shift());
  }

  /** What a new pair of contexts costs: parsing of certificates and keys, the list of authorities, the suites. */
  static contextCost(mode: Mode, { broker, client }: Materials, clockMs: () => number): Cost {
    const [options, security] = [mode.broker(broker), mode.client(client)];
    const start = clockMs();
    createSecureContext(security?.context);
    const between = clockMs();
    createSecureContext(options);
    return { clientMs: between - start, brokerMs: clockMs() - between };
  }

  async #connect(session: Buffer | undefined, priming = false): Promise<Handshake> {
    const seen: Seen = { sessions: [] };
    this.#seen = seen;
    const lockstep = new Lockstep();
    const { near, far } = lockstep;
    await lockstep.turn('client', () => {
      seen.client = connect({
        socket: near,
        secureContext: this.#context,
        servername: BROKER_NAME,
        rejectUnauthorized: true,
        ...(session === undefined ? {} : { session }),
        ...this.#pskOptions(seen),
      });
      seen.client.once('secureConnect', () => (seen.flightsToClientDone = lockstep.flights.length));
      seen.client.on('session', (fresh: Buffer) => seen.sessions.push(fresh));
      seen.client.on('error', (error) => (seen.error ??= error));
    });
    await lockstep.turn('broker', () => void this.#server.emit('connection', far));
    await lockstep.exchange();
    try {
      this.#check(seen, lockstep.flights, priming);
    } finally {
      seen.client?.destroy();
      seen.broker?.destroy();
      await lockstep.close();
    }
    const { clientMs, brokerMs, flights } = lockstep;
    return { clientMs, brokerMs, flights };
  }

  #pskOptions(seen: Seen): ConnectionOptions {
    const psk = this.#psk;
    if (psk === undefined) return {};
    return {
      pskCallback: () => {
        seen.clientIdentity = psk.identity;
        return { psk: psk.key, identity: psk.identity };
      },
      // There is no certificate to check a name in: the PSK itself authenticates the broker (RFC 4279 §7).
      checkServerIdentity: () => undefined,
    };
  }

  #check(seen: Seen, flights: readonly Flight[], priming: boolean): void {
    const { client, broker, error } = seen;
    if (error !== undefined) throw error;
    if (client === undefined || broker === undefined || seen.flightsToClientDone === undefined)
      throw new Error('the handshake stopped half way');
    if (priming) {
      this.#checkKey(client);
      return;
    }
    const { expected } = this.mode;
    // There is no TCP here whose Nagle algorithm could be on.
    const wanted = { ...expected, clientNoDelay: true, brokerNoDelay: true };
    const problem = [
      ...mismatches(wanted, 'client', describeTls(client, seen.clientIdentity, true)),
      ...mismatches(wanted, 'broker', describeTls(broker, seen.brokerIdentity, true)),
    ][0];
    if (problem !== undefined) throw new Error(problem.detail);
    const answers = flights.slice(0, seen.flightsToClientDone).filter(({ from }) => from === 'broker').length;
    if (expected.protocol === 'TLSv1.3' && answers !== (expected.helloRetryRequest ? 2 : 1)) {
      throw new Error(`the client was done after ${answers} flights of the broker`);
    }
    if (expected.brokerCertificate) this.#checkKey(client);
  }

  /** All connections of a pair show the same certificate: to look once is enough. */
  #checkKey(client: TLSSocket): void {
    if (this.#keySeen) return;
    const shown = client.getPeerX509Certificate();
    const key = shown === undefined ? 'none' : keyTypeOf(shown.publicKey);
    if (key !== this.mode.needs.key) {
      throw new Error(
        `the broker's certificate has the key ${key}, the mode asks for ${this.mode.needs.key}`,
      );
    }
    this.#keySeen = true;
  }
}
