import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Enquiry } from '../../../src/broker/access/enquiry.ts';
import type { Question } from '../../../src/broker/access/service.protocol.ts';
import { startAccess } from '../../../src/broker/access/start.ts';
import { brokerOf } from '../../../src/scenario/broker.ts';
import { accessSchema } from '../../../src/broker/access/choice.ts';
import { isRunning, until } from '../../helpers/processes.ts';

const TOPICS = ['mtb/+/+'];
const ALL = { publish: TOPICS, subscribe: TOPICS };

/** A service of these settings, and a broker's side that asks it. */
async function opened(settings: object = {}) {
  const access = accessSchema.parse(settings);
  const crashes: Error[] = [];
  const started = await startAccess({
    choice: brokerOf({ name: 'aedes', access }),
    prefix: [],
    onCrash: (error) => crashes.push(error),
  });
  const { service, enquiry: told } = started ?? {};
  if (service === undefined || told?.port === undefined) throw new Error('No service');
  onTestFinished(() => service.stop());
  const enquiryWith = (changes: object = {}): Enquiry =>
    new Enquiry({ ...told, port: told.port ?? 0, ...changes });
  return { service, told, crashes, enquiryWith, enquiry: enquiryWith() };
}

function question(changes: Partial<Question> = {}): Question {
  return { clientId: 'm1', mode: 'tls13', ...changes };
}

describe('the access-management service', () => {
  it('answers which topics a client may use, and takes the time that it was told to', async () => {
    const { enquiry } = await opened({ delayMs: 60 });
    const answer = await enquiry.ask(question());
    expect(answer).toMatchObject({ permissions: ALL, answered: true, cached: false });
    expect(answer.tookMs).toBeGreaterThanOrEqual(60);
    // Of the first, a connection; whatever the machine does, the next one waits no less.
    expect((await enquiry.ask(question())).tookMs).toBeGreaterThanOrEqual(60);
  });

  it('takes its time for the clients of one mode alone', async () => {
    const { enquiry } = await opened({ delayMsByMode: { tls13: 300 } });
    const [slow, quick] = [await enquiry.ask(question()), await enquiry.ask(question({ mode: 'plain' }))];
    expect(slow.tookMs).toBeGreaterThanOrEqual(300);
    expect(quick.tookMs).toBeLessThan(300);
  });

  it.each([
    ['publish', { publish: [], subscribe: TOPICS }],
    ['subscribe', { publish: TOPICS, subscribe: [] }],
  ])('that denies to %s says so', async (deny, permissions) => {
    const { enquiry } = await opened({ deny });
    expect(await enquiry.ask(question())).toMatchObject({ permissions, answered: true });
  });

  it('knows the clients of the run alone', async () => {
    const { enquiry, service } = await opened();
    for (const clientId of ['m1z', 's0-1', 'p3-12', 'ABCDEFGHm1z'])
      expect((await enquiry.ask(question({ clientId }))).permissions).toEqual(ALL);
    for (const clientId of ['', 'x1', 'mosquitto-sub', '#'])
      expect(await enquiry.ask(question({ clientId }))).toMatchObject({
        permissions: undefined,
        answered: true,
      });
    expect(await service.call('answered', null)).toEqual({ 200: 4, 403: 4 });
  });

  it('answers nobody without its token', async () => {
    const { enquiryWith, service } = await opened();
    const stranger = enquiryWith({ token: 'guessed' });
    expect(await stranger.ask(question())).toMatchObject({ permissions: undefined, answered: false });
    expect(await service.call('answered', null)).toEqual({ 401: 1 });
  });

  it('listens on loopback and nowhere else', async () => {
    const { told } = await opened();
    const hex = (told.port ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
    const LISTEN = '0A';
    const local = tables
      .flatMap((table) => table.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTEN)
      .map(([, address = '']) => address)
      .filter((address) => address.endsWith(`:${hex}`));
    expect(local).toEqual([`0100007F:${hex}`]);
  });

  it('is gone when it was stopped', async () => {
    const { service, crashes } = await opened();
    expect(isRunning(service.pid)).toBe(true);
    await service.stop();
    expect(isRunning(service.pid)).toBe(false);
    expect(crashes).toEqual([]);
  });
});

describe('answers that are kept', () => {
  const user = 'someone';

  it('are a user’s, on whatever connection, and a client identifier’s where there is no user', async () => {
    const { enquiry, service } = await opened({ cache: true });
    const cached = async (changes: Partial<Question>): Promise<boolean> =>
      (await enquiry.ask(question(changes))).cached;
    expect([await cached({ user }), await cached({ user, clientId: 'm2' })]).toEqual([false, true]);
    expect([await cached({}), await cached({ clientId: 'm2' }), await cached({})]).toEqual([
      false,
      false,
      true,
    ]);
    // A listener of another mode is another place.
    expect(await cached({ user, mode: 'plain' })).toBe(false);
    expect(await service.call('answered', null)).toEqual({ 200: 4 });
  });

  it('are asked for once, however many wait for them', async () => {
    const { enquiry, service } = await opened({ cache: true, delayMs: 50 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => enquiry.ask(question({ user }))));
    expect(answers.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(new Set(answers.map(({ permissions }) => JSON.stringify(permissions))).size).toBe(1);
    expect(await service.call('answered', null)).toEqual({ 200: 1 });
  });

  it('are kept no longer than they may', async () => {
    const { enquiry } = await opened({ cache: true, ttlSeconds: 0.2 });
    await enquiry.ask(question({ user }));
    await sleep(250);
    expect((await enquiry.ask(question({ user }))).cached).toBe(false);
  });

  it('are not where nobody asks for it', async () => {
    const { enquiry } = await opened();
    await enquiry.ask(question({ user }));
    expect((await enquiry.ask(question({ user }))).cached).toBe(false);
  });
});

describe('no answer is a no', () => {
  const NO = { permissions: undefined, answered: false };

  it('from a service that was killed, and the crash is told', async () => {
    const { enquiry, service, crashes } = await opened();
    expect((await enquiry.ask(question())).answered).toBe(true);
    process.kill(service.pid, 'SIGKILL');
    await until('the crash is told', () => crashes.length > 0);
    expect(crashes[0]?.message).toMatch(/access process ended \(SIGKILL\)/);
    expect(await enquiry.ask(question())).toMatchObject(NO);
  });

  it('from one that is killed while it is asked', async () => {
    const { enquiry, service } = await opened({ delayMs: 4000 });
    const asked = enquiry.ask(question());
    await sleep(100);
    process.kill(service.pid, 'SIGKILL');
    expect(await asked).toMatchObject(NO);
  });

  it('from one that takes too long, and it is not kept', async () => {
    const { enquiryWith } = await opened({ delayMs: 300 });
    const enquiry = enquiryWith({ timeoutMs: 50, cacheMs: 60_000 });
    const first = await enquiry.ask(question());
    expect(first).toMatchObject(NO);
    expect(first.tookMs).toBeGreaterThanOrEqual(49);
    expect(await enquiry.ask(question())).toMatchObject({ ...NO, cached: false });
  });

  it.each([
    ['no JSON', 200, 'yes'],
    ['another form', 200, '{"allow":true}'],
    ['an error', 500, JSON.stringify(ALL)],
  ])('from one that answers %s', async (_what, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close().closeAllConnections();
    });
    const { enquiryWith } = await opened();
    const { port } = server.address() as { port: number };
    expect(await enquiryWith({ port }).ask(question())).toMatchObject(NO);
  });
});
