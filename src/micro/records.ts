import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  type CipherCCMTypes,
  type CipherGCMTypes,
} from 'node:crypto';
import { Batch, WARM_PASSES } from './batch.ts';
import { requireCpuClock } from './cpu-clock.ts';
import { figureOf } from './figure.ts';
import { runRounds, type Budget, type Contender } from './rounds.ts';

/** An AEAD of a cipher suite (RFC 5116, RFC 6655, RFC 8439), under its IANA name and OpenSSL's. */
interface Aead {
  name: string;
  openssl: CipherCCMTypes | CipherGCMTypes | 'chacha20-poly1305';
  keyBytes: 16 | 32;
  tagBytes: 8 | 16;
}

export const AEADS: readonly Aead[] = [
  { name: 'AES_128_GCM', openssl: 'aes-128-gcm', keyBytes: 16, tagBytes: 16 },
  { name: 'AES_256_GCM', openssl: 'aes-256-gcm', keyBytes: 32, tagBytes: 16 },
  { name: 'CHACHA20_POLY1305', openssl: 'chacha20-poly1305', keyBytes: 32, tagBytes: 16 },
  { name: 'AES_128_CCM', openssl: 'aes-128-ccm', keyBytes: 16, tagBytes: 16 },
  { name: 'AES_128_CCM_8', openssl: 'aes-128-ccm', keyBytes: 16, tagBytes: 8 },
];

/** Up to the most that a record carries (RFC 8446 §5.1). */
export const PAYLOAD_BYTES = [16, 64, 256, 1024, 16_384] as const;

const NONCE_BYTES = 12;
/** The header of a record is what TLS 1.3 authenticates beside it (RFC 8446 §5.2). */
const HEADER_BYTES = 5;

/** What sealing one record and opening it again costs. */
export interface RecordCost {
  suite: string;
  payloadBytes: number;
  samples: number;
  /** CPU time of one record, sealed and opened: the median of batches with its 95 % interval. */
  nsPerRecord: number;
  lowNs: number;
  highNs: number;
  /** Payload that one core seals and opens in a second, in millions of bytes. */
  megabytesPerSecond: number;
}

export interface RecordReport {
  rounds: number;
  warmupRounds: number;
  records: RecordCost[];
}

/**
 * Measures sealing and opening of a record by suite and payload size through `node:crypto`. Each record has a cipher
 * object of its own, so the key schedule and Node's way into OpenSSL are in it, which a TLS connection pays once: read
 * it as what a payload that is encrypted by itself costs, and the difference between sizes as what a byte costs.
 * Throws a BenchError where there is no fit CPU clock.
 */
export async function measureRecords(budget: Budget, onMeasuring?: () => void): Promise<RecordReport> {
  requireCpuClock();
  const benches = AEADS.flatMap((aead) => PAYLOAD_BYTES.map((size) => new RecordBench(aead, size)));
  for (let pass = 0; pass < WARM_PASSES; pass++) for (const bench of benches) bench.batch.choose();
  const { samples, ...rounds } = await runRounds(benches, budget, onMeasuring);
  return {
    ...rounds,
    records: benches.map(({ name, aead, payloadBytes }) => {
      const batches = samples.get(name) ?? [];
      const { p50Ms, p50LowMs, p50HighMs } = figureOf(batches);
      return {
        suite: aead.name,
        payloadBytes,
        samples: batches.length,
        nsPerRecord: p50Ms * 1e6,
        lowNs: p50LowMs * 1e6,
        highNs: p50HighMs * 1e6,
        megabytesPerSecond: payloadBytes / p50Ms / 1000,
      };
    }),
  };
}

class RecordBench implements Contender {
  readonly name: string;
  readonly aead: Aead;
  readonly payloadBytes: number;
  readonly batch: Batch;

  constructor(aead: Aead, payloadBytes: number) {
    this.name = `${aead.name} ${payloadBytes}`;
    this.aead = aead;
    this.payloadBytes = payloadBytes;
    const payload = randomBytes(payloadBytes);
    const seal = new Seal(aead, randomBytes(aead.keyBytes));
    this.batch = new Batch(() => seal.there(payload));
  }

  /** Does a batch; answers what one record of it cost. */
  run(): number {
    return this.batch.run();
  }
}

/** Seals records and opens them, as the ends of a connection would. */
export class Seal {
  readonly #aead: Aead;
  readonly #key: Buffer;
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  readonly #header = Buffer.alloc(HEADER_BYTES, 0x17);

  constructor(aead: Aead, key: Buffer) {
    this.#aead = aead;
    this.#key = key;
  }

  /** Seals a payload under the next nonce, opens it, and gives back what came out. Throws when the tag is wrong. */
  there(payload: Buffer): Buffer {
    this.#nonce.writeUInt32BE((this.#nonce.readUInt32BE(8) + 1) >>> 0, 8);
    const { sealed, tag } = this.seal(payload);
    return this.open(sealed, tag);
  }

  seal(payload: Buffer): { sealed: Buffer; tag: Buffer } {
    const { openssl, tagBytes } = this.#aead;
    // One signature of Node's serves all three families; CCM alone needs to know the length before.
    const cipher = createCipheriv(openssl as CipherCCMTypes, this.#key, this.#nonce, {
      authTagLength: tagBytes,
    });
    cipher.setAAD(this.#header, { plaintextLength: payload.length });
    const sealed = cipher.update(payload);
    cipher.final();
    return { sealed, tag: cipher.getAuthTag() };
  }

  open(sealed: Buffer, tag: Buffer): Buffer {
    const { openssl, tagBytes } = this.#aead;
    const decipher = createDecipheriv(openssl as CipherCCMTypes, this.#key, this.#nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(tag);
    decipher.setAAD(this.#header, { plaintextLength: sealed.length });
    const payload = decipher.update(sealed);
    decipher.final();
    return payload;
  }
}
