import type { SessionKind, TlsRecord, TlsWire } from '../../measure/tls-wire.ts';
import { readClientHello, readKeyExchangeGroup, readServerHello, type ClientHello } from './hello.ts';
import { HiddenHandshake } from './hidden-handshake.ts';
import { MessageReader } from './message-reader.ts';
import { alertName, CONTENT, MESSAGE, messageName } from './names.ts';
import { RECORD_HEADER_BYTES, RecordReader } from './record-reader.ts';
import { ApplicationMarks, type StreamMarks } from './stream-marks.ts';

type From = 'client' | 'broker';
type Message = NonNullable<TlsRecord['messages']>[number];

/** Records, and messages, of which more than a handshake has are not kept. */
const KEPT = 64;
/** A handshake that is longer is followed no further: the largest chains have some 50 kB. */
const LIMIT_BYTES = 128 * 1024;

const RECORDS: Record<number, TlsRecord['record']> = {
  [CONTENT.changeCipherSpec]: 'change_cipher_spec',
  [CONTENT.alert]: 'alert',
  [CONTENT.handshake]: 'handshake',
  [CONTENT.applicationData]: 'application_data',
};

/** What is followed of one end. */
interface End {
  records: RecordReader;
  messages: MessageReader;
  /** All records until application data. */
  bytes: number;
  count: number;
  /** Of its stream, what is before the record after the one that is being read. */
  at: number;
  changedCipher: boolean;
  /** Its Finished of TLS 1.2 was seen. */
  finished: boolean;
  /** Its first application byte was seen. */
  application: boolean;
  /** Of the record that is being read: what is plaintext in it. */
  open: { messages: Message[] | undefined; alert: number[] };
}

/**
 * Follows the TLS handshake of one connection from the bytes of both ends, each in order, and tells its records, its
 * plaintext messages and what they agree on.
 *
 * What can be told: every record's type and size. Up to TLS 1.2 all messages but Finished, with their sizes; of TLS 1.3
 * the hellos, from which version, suite, group, HelloRetryRequest and an accepted PSK follow. What cannot: the names of
 * encrypted messages (only the sizes of their records), certificates and alerts of TLS 1.3, whether a PSK of TLS 1.3
 * was external or a ticket's. Where application data begins is plain in TLS 1.2 (its record type) and follows from sizes
 * in TLS 1.3 ({@link HiddenHandshake}); of a connection with 0-RTT it is not told.
 *
 * Keeps nothing of what passes but hellos while they come in, and is done once both ends have sent application data and
 * the client has a second time, after 128 KiB, or at the first thing that is not TLS; it never throws.
 */
export class TlsTap {
  readonly #ends: Record<From, End>;
  readonly #wire: TlsWire = { records: [], handshake: {} };
  readonly #application = new ApplicationMarks();
  #fed = 0;
  #keptMessages = 0;
  /** The client began with the header of a ClientHello. */
  #isTls = false;
  #done = false;
  #hello: ClientHello | undefined;
  #accepted: SessionKind | 'none' | undefined;
  #hidden: HiddenHandshake | undefined;

  constructor() {
    this.#ends = { client: this.#end('client'), broker: this.#end('broker') };
  }

  /** The next bytes of an end's stream. */
  feed(from: From, bytes: Uint8Array): void {
    if (this.#done) return;
    if (!this.#ends[from].application) this.#fed += bytes.length;
    this.#ends[from].records.read(bytes);
    if (this.#fed > LIMIT_BYTES && !this.#done) this.#stop('limit');
  }

  /** Bytes of a stream were missed: what follows cannot be read. */
  miss(): void {
    if (!this.#done) this.#stop('hole');
  }

  /** Where in the streams application data stands. */
  get marks(): StreamMarks {
    return this.#application.marks;
  }

  /** What was seen until now; undefined when the client does not speak TLS. */
  finish(): TlsWire | undefined {
    if (!this.#isTls) return undefined;
    const offered = this.#offered();
    const accepted = this.#accepted;
    return {
      ...this.#wire,
      ...(offered === undefined
        ? {}
        : { session: { offered, ...(accepted === undefined ? {} : { accepted }) } }),
    };
  }

  #end(from: From): End {
    return {
      records: new RecordReader({
        onHeader: (type, length) => this.#begin(from, type, length),
        onFragment: (type, piece) => this.#read(from, type, piece),
        onEnd: (type, length) => this.#commit(from, type, length),
        onMalformed: () => this.#stop('malformed'),
      }),
      messages: new MessageReader({
        onMessage: (type, bytes) => this.#message(from, type, bytes),
        onBody: (type, body, certificates) => this.#body(from, type, body, certificates),
      }),
      bytes: 0,
      count: 0,
      at: 0,
      changedCipher: false,
      finished: false,
      application: false,
      open: { messages: undefined, alert: [] },
    };
  }

  #stop(why: NonNullable<TlsWire['incomplete']>): void {
    // The handshake is complete, whatever comes of what follows it.
    if (!this.#bothSpoke()) this.#wire.incomplete = why;
    this.#halt();
  }

  #halt(): void {
    this.#done = true;
    this.#ends.client.records.stop();
    this.#ends.broker.records.stop();
  }

  #begin(from: From, type: number, length: number): void {
    if (!this.#isTls && (from === 'broker' || type !== CONTENT.handshake)) {
      this.#stop('malformed');
      return;
    }
    const end = this.#ends[from];
    end.at += RECORD_HEADER_BYTES + length;
    if (end.application) {
      this.#beginFurther(type, length);
      return;
    }
    const plain = type === CONTENT.handshake && !this.#isEncrypted(from);
    end.open = { messages: plain ? [] : undefined, alert: [] };
    if (type === CONTENT.changeCipherSpec && from === 'broker' && this.#ends.client.finished)
      this.#application.answer(this.#startOf(from, length));
    if (type === CONTENT.applicationData) this.#beginHidden(from, length);
    else if (type === CONTENT.alert && this.#isEncrypted(from)) this.#alert(from, []);
  }

  /** A record that says that it is application data: in TLS 1.3 it may be anything. */
  #beginHidden(from: From, length: number): void {
    if (this.#wire.version === 'TLSv1.3') {
      const what = this.#hidden?.tell(from, length);
      if (what === 'alert') this.#alert(from, []);
      if (what === 'handshake' && from === 'broker') this.#ticket(this.#startOf(from, length));
      if (what !== 'application_data') return;
    }
    const end = this.#ends[from];
    end.application = true;
    // Before a ServerHello it is early data (RFC 8446 §2.3), whose end cannot be seen.
    if (this.#wire.version === undefined) {
      end.records.stop();
      return;
    }
    this.#wire.handshake[from === 'client' ? 'up' : 'down'] = { bytes: end.bytes, records: end.count };
    this.#mark(from, length);
    if (from === 'broker') end.records.stop();
  }

  #ticket(start: number): void {
    this.#application.ticket(start);
    if (this.#hidden?.clientFinished === true) this.#application.answer(start);
  }

  /** A record of a client whose handshake is over. */
  #beginFurther(type: number, length: number): void {
    if (type !== CONTENT.applicationData) return;
    const isData =
      this.#wire.version !== 'TLSv1.3' || this.#hidden?.tell('client', length) === 'application_data';
    if (isData) this.#mark('client', length);
  }

  #mark(from: From, length: number): void {
    const start = this.#startOf(from, length);
    if (from === 'broker') this.#application.broker(start);
    else this.#application.client(start, this.#ends.client.at, length);
    if (this.#application.done) this.#halt();
  }

  /** Where the record that has just begun does. */
  #startOf(from: From, length: number): number {
    return this.#ends[from].at - RECORD_HEADER_BYTES - length;
  }

  #bothSpoke(): boolean {
    return this.#ends.client.application && this.#ends.broker.application;
  }

  /** In TLS 1.3 ChangeCipherSpec means nothing (RFC 8446 §D.4): what is encrypted has the type of application data. */
  #isEncrypted(from: From): boolean {
    return this.#ends[from].changedCipher && this.#wire.version !== 'TLSv1.3';
  }

  #read(from: From, type: number, piece: Uint8Array): void {
    const { open, messages, application } = this.#ends[from];
    if (application) return;
    if (open.messages !== undefined) messages.read(piece);
    else if (type === CONTENT.alert && !this.#isEncrypted(from) && open.alert.length < 2)
      open.alert.push(...piece.subarray(0, 2 - open.alert.length));
  }

  #commit(from: From, type: number, length: number): void {
    const end = this.#ends[from];
    if (end.application) return;
    end.bytes += RECORD_HEADER_BYTES + length;
    end.count++;
    if (type === CONTENT.handshake && this.#isEncrypted(from)) end.finished = true;
    if (type === CONTENT.changeCipherSpec) this.#changeCipher(from);
    if (end.open.alert.length > 0) this.#alert(from, end.open.alert);
    const record = RECORDS[type];
    if (record !== undefined) this.#keep(from, record, RECORD_HEADER_BYTES + length, end.open.messages);
  }

  #keep(from: From, record: TlsRecord['record'], bytes: number, messages: Message[] | undefined): void {
    const { records } = this.#wire;
    const last = records.at(-1);
    const alike = last?.from === from && last.record === record && last.bytes === bytes;
    if (alike && last.messages === undefined && messages === undefined && records.length < KEPT)
      last.count = (last.count ?? 1) + 1;
    else if (records.length < KEPT)
      records.push({ from, record, bytes, ...(messages === undefined ? {} : { messages }) });
  }

  #changeCipher(from: From): void {
    this.#ends[from].changedCipher = true;
    // RFC 5246 §7.3, RFC 5077 §3.1: only an abbreviated handshake comes here without ServerHelloDone.
    if (from === 'broker' && this.#wire.version !== undefined && this.#wire.version !== 'TLSv1.3')
      this.#accepted ??= this.#hello?.sessionTicket === true ? 'session_ticket' : 'session_id';
  }

  #alert(from: From, [level, description]: readonly number[]): void {
    const alerts = (this.#wire.alerts ??= []);
    if (alerts.length >= KEPT) return;
    alerts.push({
      from,
      ...(level === undefined ? {} : { level: level === 1 ? 'warning' : 'fatal' }),
      ...(description === undefined ? {} : { description: alertName(description) }),
    });
  }

  #message(from: From, type: number, bytes: number): void {
    if (this.#done) return;
    if (!this.#isTls) {
      if (type !== MESSAGE.clientHello) {
        this.#stop('malformed');
        return;
      }
      this.#isTls = true;
    }
    if (this.#keptMessages++ < KEPT) this.#ends[from].open.messages?.push({ name: messageName(type), bytes });
  }

  #body(from: From, type: number, body: Uint8Array, certificates: number): void {
    if (this.#done) return;
    if (type === MESSAGE.certificate) {
      this.#wire[from === 'client' ? 'clientCertificates' : 'brokerCertificates'] = certificates;
    } else if (from === 'client') {
      if (type === MESSAGE.clientHello) this.#hello = readClientHello(body);
    } else if (type === MESSAGE.serverHello) {
      this.#serverHello(body);
    } else if (type === MESSAGE.serverKeyExchange) {
      const group = readKeyExchangeGroup(body, this.#wire.suite);
      if (group !== undefined) this.#wire.group = group;
    } else if (type === MESSAGE.serverHelloDone) {
      this.#accepted ??= 'none';
    }
  }

  #serverHello(body: Uint8Array): void {
    const hello = readServerHello(body);
    if (hello === undefined) return;
    const { retry, version, suite, group } = hello;
    Object.assign(this.#wire, { version, suite, ...(group === undefined ? {} : { group }) });
    this.#wire.helloRetryRequest = retry || this.#wire.helloRetryRequest === true;
    const named = this.#ends.broker.open.messages?.at(-1);
    if (retry && named !== undefined) named.name = 'HelloRetryRequest';
    if (version !== 'TLSv1.3' || retry) return;
    this.#accepted = hello.preSharedKey ? 'pre_shared_key' : 'none';
    // The sizes of encrypted messages follow from the suite alone, so nothing is told of one without a name.
    if (suite.startsWith('TLS_')) this.#hidden = new HiddenHandshake(suite);
  }

  /** What the client offered of earlier sessions, as the version that was agreed on understands it; else undefined. */
  #offered(): SessionKind[] | undefined {
    if (this.#hello === undefined || this.#wire.version === undefined) return undefined;
    const { sessionId, sessionTicket, preSharedKey } = this.#hello;
    if (this.#wire.version === 'TLSv1.3') return preSharedKey ? ['pre_shared_key'] : [];
    return [
      ...(sessionId ? ['session_id' as const] : []),
      ...(sessionTicket ? ['session_ticket' as const] : []),
    ];
  }
}
