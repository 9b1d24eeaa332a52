import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError, messageOf } from '../errors.ts';
import { generateAuthors, generateTopicKeys, protectKeys, ringOf } from './generate.ts';
import { isOfType, type KeyRing, type PairType, type ProtectKeys } from './keys.ts';
import type { Method } from './method.ts';

/**
 * How far a protected payload goes. `end-to-end`: subscribers open it, and the broker holds no key. `client-to-broker`:
 * the broker opens it before it distributes, and subscribers hold no key.
 */
export const REACHES = ['end-to-end', 'client-to-broker'] as const;
export type Reach = (typeof REACHES)[number];

const FOLDER = 'payload';
const FILES = { secret: 'secret.hex', recipientKey: 'recipient.key', recipientPub: 'recipient.pub' } as const;
const AUTHOR_PUB = /^author-(\d+)\.pub$/;

/**
 * Makes the keys by which a method protects some topics for some publishers, in a run's private folder (mode 0700, made
 * by the caller), as `payload/METHOD/`: a folder for each topic with its secret or key pair, and each publisher's own
 * pair. Files are readable by the user alone. Rejects where they are there already.
 */
export async function createPayloadKeys(
  folder: string,
  method: Method,
  { topics, senders }: { topics: readonly string[]; senders: readonly number[] },
): Promise<void> {
  const root = methodFolder(folder, method);
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const topic of topics) {
    const own = topicFolder(root, topic);
    await mkdir(own, { mode: 0o700 });
    const { secret, recipient } = await generateTopicKeys(method.needs);
    if (secret !== undefined) await write(join(own, FILES.secret), `${secret.toString('hex')}\n`);
    if (recipient !== undefined) {
      await write(join(own, FILES.recipientKey), privatePem(recipient.privateKey));
      await write(join(own, FILES.recipientPub), publicPem(recipient.publicKey));
    }
  }
  for (const [sender, pair] of await generateAuthors(method.needs, senders)) {
    await write(authorFile(root, sender, 'key'), privatePem(pair.privateKey));
    await write(authorFile(root, sender, 'pub'), publicPem(pair.publicKey));
  }
}

/** Reads what a publisher holds: the topic's secret or public key, and its own private key. Throws a BenchError for a key that is not there, or of the wrong kind. */
export async function readPublisherKeys(
  folder: string,
  method: Method,
  topic: string,
  sender: number,
): Promise<ProtectKeys> {
  const root = methodFolder(folder, method);
  const own = topicFolder(root, topic);
  const { secretBytes, recipient, author } = method.needs;
  return protectKeys(
    {
      ...(secretBytes === undefined ? {} : { secret: await readSecret(own, secretBytes) }),
      ...(recipient === undefined
        ? {}
        : { recipient: await readPublic(join(own, FILES.recipientPub), recipient) }),
    },
    author === undefined ? undefined : await readPrivate(authorFile(root, sender, 'key'), author),
    sender,
  );
}

/**
 * Reads what a subscriber or the broker opens a topic's messages with: the topic's secret or private key, and the public
 * keys of all publishers, or of the given ones. Undefined for the role that is to hold no keys. Throws a BenchError for a
 * key that is not there, or of the wrong kind.
 */
export async function readOpenKeys(
  folder: string,
  method: Method,
  topic: string,
  { role, reach, senders }: { role: 'subscriber' | 'broker'; reach: Reach; senders?: readonly number[] },
): Promise<KeyRing | undefined> {
  if ((role === 'broker') !== (reach === 'client-to-broker')) return undefined;
  const root = methodFolder(folder, method);
  const own = topicFolder(root, topic);
  const { secretBytes, recipient, author } = method.needs;
  return ringOf(
    {
      ...(secretBytes === undefined ? {} : { secret: await readSecret(own, secretBytes) }),
      ...(recipient === undefined
        ? {}
        : { recipient: await readPrivate(join(own, FILES.recipientKey), recipient) }),
    },
    author === undefined ? new Map() : await readAuthors(root, author, senders),
  );
}

async function readAuthors(
  root: string,
  type: PairType,
  senders?: readonly number[],
): Promise<Map<number, KeyObject>> {
  const authors = new Map<number, KeyObject>();
  for (const sender of senders ?? (await sendersIn(root)))
    authors.set(sender, await readPublic(authorFile(root, sender, 'pub'), type));
  if (authors.size === 0) throw usageError(`${root} has no publisher's key: nothing could be verified`);
  return authors;
}

async function sendersIn(root: string): Promise<number[]> {
  return (await readdir(root)).flatMap((file) => AUTHOR_PUB.exec(file)?.[1] ?? []).map(Number);
}

function methodFolder(folder: string, { name }: Method): string {
  return join(folder, FOLDER, name);
}

/** Topics may be longer than file names, and may have slashes and dots. */
function topicFolder(root: string, topic: string): string {
  return join(root, createHash('sha256').update(topic).digest('hex').slice(0, 32));
}

function authorFile(root: string, sender: number, half: 'key' | 'pub'): string {
  return join(root, `author-${sender}.${half}`);
}

function write(file: string, text: string): Promise<void> {
  return writeFile(file, text, { mode: 0o600, flag: 'wx' });
}

const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' });
const publicPem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' });

async function readSecret(own: string, bytes: number): Promise<Buffer> {
  const file = join(own, FILES.secret);
  const text = (await readKeyFile(file)).trim();
  const digits = 2 * bytes;
  if (text.length !== digits || !/^[\da-f]*$/i.test(text)) {
    const got = text.length === digits ? 'other text' : `${text.length} characters`;
    throw usageError(
      `${file}: expected a secret of ${bytes} bytes as ${digits} hexadecimal digits, got ${got}`,
    );
  }
  return Buffer.from(text, 'hex');
}

async function readPrivate(file: string, type: PairType): Promise<KeyObject> {
  return parse(file, type, createPrivateKey, await readKeyFile(file));
}

async function readPublic(file: string, type: PairType): Promise<KeyObject> {
  return parse(file, type, createPublicKey, await readKeyFile(file));
}

function parse(file: string, type: PairType, create: (pem: string) => KeyObject, pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = create(pem);
  } catch (error) {
    throw usageError(`${file}: expected a key of ${type} in PEM: ${messageOf(error)}`);
  }
  if (!isOfType(key, type))
    throw usageError(`${file}: expected a key of ${type}, got ${key.asymmetricKeyType}`);
  return key;
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`The key ${file} cannot be read: ${messageOf(error)}`);
  }
}
