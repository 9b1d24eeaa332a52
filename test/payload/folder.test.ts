import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, describe, it } from 'vitest';
import { BenchError } from '../../src/errors.ts';
import { EXIT } from '../../src/exit-codes.ts';
import { createPayloadKeys, readOpenKeys, readPublisherKeys } from '../../src/payload/folder.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import { ReplayState } from '../../src/payload/replay.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const TOPICS = ['plant/1/temperature', '../../etc/passwd', 'x'.repeat(2000)];
const [TOPIC = ''] = TOPICS;
const SENDERS = [1, 2];
const SUBSCRIBER = { role: 'subscriber', reach: 'end-to-end' } as const;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name));
}

describe.each(METHODS)('$name', (method) => {
  it('what a publisher protects with its keys, subscribers open with theirs', async () => {
    const folder = temporaryFolder();
    await createPayloadKeys(folder, method, { topics: TOPICS, senders: SENDERS });
    for (const topic of TOPICS) {
      const ring = await readOpenKeys(folder, method, topic, SUBSCRIBER);
      if (ring === undefined) throw new Error('no keys');
      const state = new ReplayState();
      for (const sender of SENDERS) {
        const keys = await readPublisherKeys(folder, method, topic, sender);
        const bytes = method.protect(topic, Buffer.from('on'), keys, 0);
        expect(method.open(topic, bytes, ring, state)).toMatchObject({ verdict: 'genuine', sender });
      }
    }
  });

  it('its keys are for the user alone', async () => {
    const folder = temporaryFolder();
    await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [1] });
    for (const path of await filesBelow(folder)) {
      const stats = await stat(path);
      expect([path, (stats.mode & 0o777).toString(8)]).toEqual([path, stats.isDirectory() ? '700' : '600']);
    }
  });

  it('a publisher holds no private half but its own, and nothing that opens where there are key pairs', async () => {
    const folder = temporaryFolder();
    await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [1] });
    const { recipient, author } = await readPublisherKeys(folder, method, TOPIC, 1);
    expect(recipient?.type).toBe(method.needs.recipient === undefined ? undefined : 'public');
    expect(author?.type).toBe(method.needs.author === undefined ? undefined : 'private');
    const ring = await readOpenKeys(folder, method, TOPIC, SUBSCRIBER);
    expect(ring?.all.map((keys) => keys.author?.type)).toEqual([
      method.needs.author === undefined ? undefined : 'public',
    ]);
  });
});

it('a receiver may hold the keys of some publishers alone', async () => {
  const folder = temporaryFolder();
  const method = methodNamed('ed25519');
  await createPayloadKeys(folder, method, { topics: [TOPIC], senders: SENDERS });
  const ring = await readOpenKeys(folder, method, TOPIC, { ...SUBSCRIBER, senders: [2] });
  const verdicts = await Promise.all(
    SENDERS.map(async (sender) => {
      const keys = await readPublisherKeys(folder, method, TOPIC, sender);
      const bytes = method.protect(TOPIC, Buffer.from('on'), keys, 0);
      return ring && method.open(TOPIC, bytes, ring, new ReplayState()).verdict;
    }),
  );
  expect(verdicts).toEqual(['wrong-key', 'genuine']);
});

it('end to end the broker holds no keys; from client to broker the subscribers hold none', async () => {
  const folder = temporaryFolder();
  const method = methodNamed('aes-128-gcm');
  await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [] });
  const holders = [];
  for (const role of ['subscriber', 'broker'] as const) {
    for (const reach of ['end-to-end', 'client-to-broker'] as const) {
      if ((await readOpenKeys(folder, method, TOPIC, { role, reach })) !== undefined)
        holders.push(`${reach}: ${role}`);
    }
  }
  expect(holders).toEqual(['end-to-end: subscriber', 'client-to-broker: broker']);
});

it('each topic has keys of its own', async () => {
  const folder = temporaryFolder();
  const method = methodNamed('aes-256-gcm');
  await createPayloadKeys(folder, method, { topics: TOPICS, senders: [] });
  const secrets = await Promise.all(
    TOPICS.map(async (topic) => (await readPublisherKeys(folder, method, topic, 1)).secret?.toString('hex')),
  );
  expect(new Set(secrets).size).toBe(TOPICS.length);
});

it('keys that are there already are not overwritten', async () => {
  const folder = temporaryFolder();
  const method = methodNamed('aes-128-gcm');
  await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [] });
  await expect(createPayloadKeys(folder, method, { topics: [TOPIC], senders: [] })).rejects.toThrow('EEXIST');
});

describe('a key that cannot be used is a usage error that names the file', () => {
  async function after(name: string, spoil: (files: string[]) => Promise<void>): Promise<unknown> {
    const folder = temporaryFolder();
    const method = methodNamed(name);
    await createPayloadKeys(folder, method, { topics: [TOPIC], senders: [1] });
    const files = await filesBelow(folder);
    await spoil(files);
    const read = async (): Promise<void> => {
      await readOpenKeys(folder, method, TOPIC, SUBSCRIBER);
      await readPublisherKeys(folder, method, TOPIC, 1);
    };
    return read().then(
      () => undefined,
      (error: unknown) => error,
    );
  }
  const named = (files: string[], name: string): string => files.find((file) => file.endsWith(name)) ?? name;

  it.each<[string, string, (files: string[]) => Promise<void>, RegExp]>([
    [
      'a secret that is too short',
      'aes-256-gcm',
      (files) => writeFile(named(files, 'secret.hex'), '00'.repeat(16)),
      /secret\.hex: expected a secret of 32 bytes as 64 hexadecimal digits, got 32 characters/,
    ],
    [
      'a secret that is no hexadecimal',
      'aes-128-gcm',
      (files) => writeFile(named(files, 'secret.hex'), 'zz'.repeat(16)),
      /secret\.hex: expected a secret of 16 bytes as 32 hexadecimal digits, got other text/,
    ],
    [
      'a key of another kind',
      'ed25519-hpke-x25519',
      async (files) => writeFile(named(files, 'author-1.pub'), await readFile(named(files, 'recipient.pub'))),
      /author-1\.pub: expected a key of ed25519, got x25519/,
    ],
    [
      'a file that is no key',
      'rsa-pss',
      (files) => writeFile(named(files, 'author-1.key'), 'nonsense'),
      /author-1\.key: expected a key of rsa-2048 in PEM: /,
    ],
    [
      'a key that is not there',
      'hpke-x25519',
      (files) => rm(named(files, 'recipient.key')),
      /The key .*recipient\.key cannot be read: ENOENT/,
    ],
    [
      'no publisher to verify',
      'ed25519',
      (files) => rm(named(files, 'author-1.pub')),
      /has no publisher's key: nothing could be verified/,
    ],
  ])('%s', async (_name, method, spoil, message) => {
    const error = await after(method, spoil);
    expect(error).toBeInstanceOf(BenchError);
    expect(error).toMatchObject({ exitCode: EXIT.usage, message: expect.stringMatching(message) as string });
  });
});
