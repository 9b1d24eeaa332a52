import { readClientHello, readServerHello } from '../link/tap/hello.ts';
import { MessageReader } from '../link/tap/message-reader.ts';
import { alertName, CONTENT, MESSAGE, messageName } from '../link/tap/names.ts';
import { RecordReader } from '../link/tap/record-reader.ts';
import type { KeyLog } from './key-log.ts';
import type { MqttReader } from './mqtt-reader.ts';
import { RecordDecryption } from './record-decryption.ts';
import { masterKeys, nextSecret, protectionOf, trafficKeys, type Protection } from './record-keys.ts';

type End = 'client' | 'broker';

/** Something whole of a stream: a handshake message, another record, or an MQTT packet in one. */
export interface Named {
  protocol: 'TLS' | 'MQTT';
  name: string;
}

/** RFC 9850 §2: labels of the secrets by which an end's records are encrypted. */
const HANDSHAKE_SECRET = {
  client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  broker: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
} as const;
const TRAFFIC_SECRET = { client: 'CLIENT_TRAFFIC_SECRET_0', broker: 'SERVER_TRAFFIC_SECRET_0' } as const;

/** What an encrypted record is called that cannot be read: by its type, which is all that it says. */
const UNREADABLE: Record<number, string> = {
  [CONTENT.alert]: 'Encrypted Alert',
  [CONTENT.handshake]: 'Encrypted Handshake Message',
  [CONTENT.applicationData]: 'Application Data',
};

/** One end's stream. */
interface Stream {
  records: RecordReader;
  messages: MessageReader;
  fragment: Buffer[];
  /** Set once its records are encrypted and their keys are known; `secret` is that of TLS 1.3. */
  decryption: RecordDecryption | undefined;
  secret: Buffer | undefined;
  /** Up to TLS 1.2: ChangeCipherSpec has passed. */
  changedCipher: boolean;
}

/**
 * Names what stands in the TLS records of a connection, from the streams of both ends, each in order: handshake messages,
 * alerts and MQTT packets in clear where the key log has the connection's secrets (TLS 1.2: RFC 5246; TLS 1.3: RFC 8446),
 * and what cannot be decrypted by its record's type alone. It never throws.
 */
export class TlsReader {
  readonly #keyLog: KeyLog;
  readonly #mqtt: MqttReader;
  readonly #streams: Record<End, Stream>;
  #named: Named[] = [];
  #clientRandom: Uint8Array | undefined;
  #hello: { random: Uint8Array; encryptThenMac: boolean } | undefined;
  #protection: Protection | undefined;
  #version: string | undefined;
  #suite: string | undefined;
  #unread = 0;

  constructor(keyLog: KeyLog, mqtt: MqttReader) {
    this.#keyLog = keyLog;
    this.#mqtt = mqtt;
    this.#streams = { client: this.#stream('client'), broker: this.#stream('broker') };
  }

  /** `TLSv1.3`, as negotiated; undefined before ServerHello. */
  get version(): string | undefined {
    return this.#version;
  }

  /** The IANA name of the cipher suite, or its code; undefined before ServerHello. */
  get suite(): string | undefined {
    return this.#suite;
  }

  /** Encrypted records that could not be read. */
  get unread(): number {
    return this.#unread;
  }

  /** The next bytes of an end's stream; answers what ends in them. */
  read(from: End, bytes: Uint8Array): Named[] {
    this.#streams[from].records.read(bytes);
    const named = this.#named;
    this.#named = [];
    return named;
  }

  #stream(from: End): Stream {
    const stream: Stream = {
      records: new RecordReader({
        onHeader: () => (stream.fragment = []),
        // What is read from may be used again.
        onFragment: (_type, piece) => void stream.fragment.push(Buffer.from(piece)),
        onEnd: (type) => this.#record(from, type, Buffer.concat(stream.fragment)),
        onMalformed: () => stream.records.stop(),
      }),
      messages: new MessageReader({
        onMessage: () => {},
        onBody: (type, body) => this.#message(from, type, body),
      }),
      fragment: [],
      decryption: undefined,
      secret: undefined,
      changedCipher: false,
    };
    return stream;
  }

  #record(from: End, type: number, fragment: Buffer): void {
    const stream = this.#streams[from];
    if (type === CONTENT.changeCipherSpec) {
      this.#name('ChangeCipherSpec');
      // In TLS 1.3 it means nothing (RFC 8446 §D.4).
      if (this.#version !== 'TLSv1.3') this.#changeCipher(from);
      return;
    }
    // In TLS 1.3 all that is encrypted says that it is application data.
    const isEncrypted = type === CONTENT.applicationData || stream.changedCipher;
    if (!isEncrypted) {
      this.#content(from, type, fragment);
      return;
    }
    const plain = stream.decryption?.decrypt(type, fragment);
    if (plain === undefined) {
      this.#unread++;
      this.#name(UNREADABLE[type] ?? `a record of type ${type}`);
    } else this.#content(from, plain.type, plain.content);
  }

  #content(from: End, type: number, content: Buffer): void {
    if (type === CONTENT.handshake) this.#streams[from].messages.read(content);
    else if (type === CONTENT.alert) this.#alert(content);
    else if (type === CONTENT.applicationData) this.#application(from, content);
    else this.#name(`a record of type ${type}`);
  }

  #alert([level, description]: Uint8Array): void {
    // In TLS 1.3 the level follows from the description (RFC 8446 §6).
    const how = this.#version === 'TLSv1.3' ? '' : level === 1 ? 'warning, ' : 'fatal, ';
    this.#name(`Alert (${how}${alertName(description ?? -1)})`);
  }

  /** A record that ends no packet carries a part of one, or none. */
  #application(from: End, content: Buffer): void {
    const packets = this.#mqtt.read(from, content);
    if (packets.length === 0) this.#name('Application Data');
    for (const name of packets) this.#named.push({ protocol: 'MQTT', name });
  }

  #message(from: End, type: number, body: Uint8Array): void {
    const hello = from === 'broker' && type === MESSAGE.serverHello ? readServerHello(body) : undefined;
    this.#name(hello?.retry === true ? 'HelloRetryRequest' : messageName(type));
    if (from === 'client' && type === MESSAGE.clientHello) {
      this.#clientRandom = readClientHello(body)?.random.slice();
    } else if (hello !== undefined) {
      const { version, suite, retry, random, encryptThenMac } = hello;
      this.#version = version;
      this.#suite = suite;
      this.#protection = protectionOf(suite);
      this.#hello = { random: random.slice(), encryptThenMac };
      if (version === 'TLSv1.3' && !retry)
        for (const end of ['client', 'broker'] as const) this.#useSecret(end, HANDSHAKE_SECRET[end]);
    } else if (this.#version === 'TLSv1.3') {
      if (type === MESSAGE.finished) this.#useSecret(from, TRAFFIC_SECRET[from]);
      else if (type === MESSAGE.keyUpdate) this.#updateSecret(from);
    }
  }

  #useSecret(from: End, label: string): void {
    const secret = this.#clientRandom && this.#keyLog.secret(label, this.#clientRandom);
    this.#streams[from].secret = secret;
    this.#streams[from].decryption = this.#decryption13(secret);
  }

  #updateSecret(from: End): void {
    const stream = this.#streams[from];
    if (stream.secret === undefined || this.#protection === undefined) return;
    stream.secret = nextSecret(stream.secret, this.#protection);
    stream.decryption = this.#decryption13(stream.secret);
  }

  #decryption13(secret: Buffer | undefined): RecordDecryption | undefined {
    const protection = this.#protection;
    if (secret === undefined || protection === undefined) return undefined;
    return new RecordDecryption(protection, trafficKeys(secret, protection), { version: 'TLSv1.3' });
  }

  #changeCipher(from: End): void {
    const stream = this.#streams[from];
    stream.changedCipher = true;
    const [client, hello, protection] = [this.#clientRandom, this.#hello, this.#protection];
    const master = client && this.#keyLog.secret('CLIENT_RANDOM', client);
    if (client === undefined || master === undefined || hello === undefined || protection === undefined)
      return;
    const keys = masterKeys(master, { client, broker: hello.random }, protection);
    const { encryptThenMac } = hello;
    stream.decryption = new RecordDecryption(protection, keys[from], { version: 'TLSv1.2', encryptThenMac });
  }

  #name(name: string): void {
    this.#named.push({ protocol: 'TLS', name });
  }
}
