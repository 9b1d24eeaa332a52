import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { keyIdOf, KeyRing, type KeyNeeds, type OpenKeys, type PairType, type ProtectKeys } from './keys.ts';

const generate = promisify(generateKeyPair);

export interface Pair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** What a topic's users share, both halves of it. */
export interface TopicKeys {
  secret?: Buffer;
  recipient?: Pair;
}

/** All keys of a topic, in one hand. A run gives each role its part by way of `folder.ts`. */
export class KeySet {
  readonly topic: TopicKeys;
  /** By sender; empty where publishers have no keys of their own. */
  readonly authors: ReadonlyMap<number, Pair>;

  constructor(topic: TopicKeys, authors: ReadonlyMap<number, Pair>) {
    this.topic = topic;
    this.authors = authors;
  }

  /** New keys that a method needs, for these publishers. */
  static async generate(needs: KeyNeeds, senders: readonly number[]): Promise<KeySet> {
    return new KeySet(await generateTopicKeys(needs), await generateAuthors(needs, senders));
  }

  publisher(sender: number): ProtectKeys {
    return protectKeys(
      {
        ...(this.topic.secret === undefined ? {} : { secret: this.topic.secret }),
        ...(this.topic.recipient === undefined ? {} : { recipient: this.topic.recipient.publicKey }),
      },
      this.authors.get(sender)?.privateKey,
      sender,
    );
  }

  get ring(): KeyRing {
    return ringOf(
      {
        ...(this.topic.secret === undefined ? {} : { secret: this.topic.secret }),
        ...(this.topic.recipient === undefined ? {} : { recipient: this.topic.recipient.privateKey }),
      },
      new Map([...this.authors].map(([sender, { publicKey }]) => [sender, publicKey])),
    );
  }
}

export async function generateTopicKeys({ secretBytes, recipient }: KeyNeeds): Promise<TopicKeys> {
  return {
    ...(secretBytes === undefined ? {} : { secret: randomBytes(secretBytes) }),
    ...(recipient === undefined ? {} : { recipient: await newPair(recipient) }),
  };
}

export async function generateAuthors(
  { author }: KeyNeeds,
  senders: readonly number[],
): Promise<Map<number, Pair>> {
  if (author === undefined) return new Map();
  return new Map(
    await Promise.all(
      senders.map(async (sender): Promise<[number, Pair]> => [sender, await newPair(author)]),
    ),
  );
}

/** Keys of a publisher, with the id that receivers find theirs by. `recipient` is a public half, `author` a private one. */
export function protectKeys(
  shared: { secret?: Buffer; recipient?: KeyObject },
  author: KeyObject | undefined,
  sender: number,
): ProtectKeys {
  return {
    ...shared,
    ...(author === undefined ? {} : { author }),
    sender,
    keyId: keyIdOf({ ...shared, ...(author === undefined ? {} : { author }) }),
  };
}

/** Keys of a receiver; `recipient` is the private half, authors are public ones. */
export function ringOf(
  shared: { secret?: Buffer; recipient?: KeyObject },
  authors: ReadonlyMap<number, KeyObject>,
): KeyRing {
  if (authors.size === 0) return new KeyRing([{ ...shared, keyId: keyIdOf(shared) }]);
  return new KeyRing(
    [...authors].map(([sender, author]): OpenKeys => ({
      ...shared,
      author,
      sender,
      keyId: keyIdOf({ ...shared, author }),
    })),
  );
}

const MAKERS: Record<PairType, () => Promise<Pair>> = {
  x25519: () => generate('x25519'),
  ed25519: () => generate('ed25519'),
  'ecdsa-p256': () => generate('ec', { namedCurve: 'P-256' }),
  'rsa-2048': () => generate('rsa', { modulusLength: 2048 }),
};

function newPair(type: PairType): Promise<Pair> {
  return MAKERS[type]();
}
