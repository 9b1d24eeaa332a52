import { beforeAll, describe, expect, test } from 'vitest';
import { threadCpuMs } from '../../src/micro/cpu-clock.ts';
import { makeMaterials } from '../../src/micro/materials.ts';
import { Pair, type Handshake, type Materials } from '../../src/micro/pair.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';

const TLS = MODES.filter(({ security }) => security !== undefined);
const materials = new Map<string, Materials>();

beforeAll(async () => {
  for (const made of await makeMaterials(TLS)) materials.set(made.mode.name, made.materials);
});

function pairOf(name: string, of = name): Pair {
  const own = materials.get(of);
  if (own === undefined) throw new Error(`There is no material of ${of}`);
  return new Pair(modeNamed(name), own);
}

async function several(pair: Pair, count: number): Promise<Handshake[]> {
  const all: Handshake[] = [];
  while (all.length < count) all.push(await pair.handshake());
  return all;
}

/** The cheapest of several: what a busy machine disturbs least. */
function least(handshakes: readonly Handshake[], end: 'clientMs' | 'brokerMs'): number {
  return Math.min(...handshakes.map((handshake) => handshake[end]));
}

describe.each(TLS.map(({ name }) => name))('%s', (name) => {
  test('is negotiated, costs both ends something, and has the flights of theory', async () => {
    const pair = pairOf(name);
    // The first carry what the later ones resume: five need fresh sessions in between, each of which serves once.
    for (const { clientMs, brokerMs, flights } of await several(pair, 5)) {
      expect(clientMs).toBeGreaterThan(0.03);
      expect(brokerMs).toBeGreaterThan(0.03);
      // Without TCP's two flights, and without those that carry nothing of TLS. OpenSSL gives no new ticket to who
      // has just used one that is still fresh.
      const absent = new Set(['CONNECT', 'CONNACK', ...(pair.mode.resumption ? ['NewSessionTicket'] : [])]);
      const theory = pair.mode.theory.flights
        .slice(2)
        .filter(({ sends }) => sends.some((message) => !absent.has(message)));
      expect(flights.map(({ from }) => from)).toEqual(theory.map(({ from }) => from));
      for (const { bytes } of flights) expect(bytes).toBeGreaterThan(30);
    }
  });
});

test('nearly all that the thread spends on a handshake is on the account of one end or the other', async () => {
  const pair = pairOf('tls13');
  await several(pair, 50);
  const shares: number[] = [];
  for (let round = 0; round < 50; round++) {
    const start = threadCpuMs();
    const { clientMs, brokerMs } = await pair.handshake();
    shares.push((clientMs + brokerMs) / (threadCpuMs() - start));
  }
  // The rest is what this test does not count as a handshake: checking what was negotiated, closing.
  expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  expect(shares.toSorted((a, b) => a - b)[25]).toBeGreaterThan(0.6);
});

test('the dear parts are found at the end that pays for them', async () => {
  const [plain, mutual, psk, dhe] = [
    pairOf('tls13'),
    pairOf('mtls13'),
    pairOf('tls12-psk'),
    pairOf('tls12-dhe-psk'),
  ];
  for (const pair of [plain, mutual, psk, dhe]) await several(pair, 20);
  const [one, two] = [await several(plain, 40), await several(mutual, 40)];
  // The broker verifies a chain and a signature more, the client signs.
  expect(least(two, 'brokerMs')).toBeGreaterThan(1.2 * least(one, 'brokerMs'));
  const [cheap, dear] = [await several(psk, 40), await several(dhe, 40)];
  expect(least(dear, 'clientMs')).toBeGreaterThan(2 * least(cheap, 'clientMs'));
  expect(least(dear, 'brokerMs')).toBeGreaterThan(2 * least(cheap, 'brokerMs'));
  expect(least(one, 'clientMs')).toBeGreaterThan(1.5 * least(cheap, 'clientMs'));
});

test('a certificate with another key than the mode names is no sample of it', async () => {
  await expect(pairOf('tls13+key=rsa-2048', 'tls13').handshake()).rejects.toThrow(
    "the broker's certificate has the key ecdsa-p256, the mode asks for rsa-2048",
  );
});

test('a client that trusts another authority fails the handshake', async () => {
  const [other] = await makeMaterials([modeNamed('tls13')]);
  const own = materials.get('tls13');
  if (other === undefined || own === undefined) throw new Error('no material');
  const pair = new Pair(modeNamed('tls13'), { broker: own.broker, client: other.materials.client });
  await expect(pair.handshake()).rejects.toThrow(/certificate/);
});

test('there is no pair without TLS, nor of clients that are refused', () => {
  expect(() => pairOf('plain', 'tls13')).toThrow('it has no TLS');
  expect(() => pairOf('mtls13+client=expired', 'mtls13')).toThrow('its clients are refused');
});

test('making contexts is on its own account', () => {
  const own = materials.get('mtls13');
  if (own === undefined) throw new Error('no material');
  const { clientMs, brokerMs } = Pair.contextCost(modeNamed('mtls13'), own, threadCpuMs);
  expect(clientMs).toBeGreaterThan(0.02);
  expect(brokerMs).toBeGreaterThan(0.02);
});
