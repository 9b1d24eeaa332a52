import { encodeHistogram, newHistogram, recordMs } from '../../measure/histogram.ts';
import { nowUs } from '../../measure/clock.ts';
import { readPublisherKeys } from '../../payload/folder.ts';
import { methodNamed } from '../../payload/index.ts';
import type { ProtectKeys } from '../../payload/keys.ts';
import { Sender } from '../../payload/sender.ts';
import type { Injected } from '../../payload/tally.ts';
import { digestOf, Tamperer, type Message } from '../../payload/tampering.ts';
import { attemptOfTopic, topicOf } from '../names.ts';
import type { Published, PublishJob } from './pubsub.protocol.ts';

type Job = Pick<PublishJob, 'cell' | 'publishers'> & { protection: NonNullable<PublishJob['protection']> };

interface Publisher {
  topic: string;
  keys: ProtectKeys;
  sender: Sender;
}

/** What the publishers of one cell in this process protect their messages with. */
export class Protecting {
  /** Whether what is altered must not leave by its publisher's connection, which the broker would close. */
  readonly apart: boolean;
  readonly #publishers: ReadonlyMap<number, Publisher>;
  readonly #tamperer: Tamperer | undefined;
  readonly #took = newHistogram();
  readonly #injected: Injected[] = [];
  #altered = 0;

  private constructor(publishers: ReadonlyMap<number, Publisher>, { cell, protection }: Job) {
    const { tamper } = protection;
    this.apart = protection.reach === 'client-to-broker';
    this.#publishers = publishers;
    this.#tamperer =
      tamper &&
      new Tamperer({
        ...tamper,
        otherTopic: (topic) => topicOf(cell, (attemptOfTopic(topic) + 1) % tamper.topics),
      });
  }

  /** Reads the keys of a job's publishers. Throws a BenchError for one that is not there. */
  static async open(folder: string, job: Job): Promise<Protecting> {
    const method = methodNamed(job.protection.method);
    const publishers = new Map<number, Publisher>();
    for (const { index } of job.publishers) {
      const topic = topicOf(job.cell, index);
      const keys = await readPublisherKeys(folder, method, topic, index);
      publishers.set(index, { topic, keys, sender: new Sender(method) });
    }
    return new Protecting(publishers, job);
  }

  /** A publisher's next message, protected, as it goes on its way. */
  seal(publisher: number, payload: Buffer): Message {
    const own = this.#publishers.get(publisher);
    if (own === undefined) throw new Error(`Publisher ${publisher} has no keys in this process`);
    const { topic, keys, sender } = own;
    const fromUs = nowUs();
    const bytes = sender.protect(topic, payload, keys);
    recordMs(this.#took, (nowUs() - fromUs) / 1000);
    const message = this.#tamperer?.pass({ topic, bytes }) ?? { topic, bytes };
    if (message.tampering !== undefined) this.#altered++;
    return message;
  }

  /** Notes an altered message that has really left. */
  left({ topic, bytes, tampering }: Message): void {
    if (tampering !== undefined) this.#injected.push({ digest: digestOf(topic, bytes), tampering });
  }

  published(): NonNullable<Published['protection']> {
    return {
      protectHdr: encodeHistogram(this.#took),
      altered: this.#altered,
      injected: [...this.#injected],
    };
  }
}
