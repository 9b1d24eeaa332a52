import { beforeAll, describe, expect, it } from 'vitest';
import { nats } from '../../src/broker/nats.ts';
import { MODE_NAMES, modeNamed } from '../../src/modes/index.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { startBroker, visit, type Foreign } from '../helpers/foreign-broker.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const here = await hasTools('nats-server');
const newFolder = sharedFolders();

const choice = brokerOf('nats');
const cannot = (mode: string): string | undefined => nats.cannot(modeNamed(mode), choice);
const has = MODE_NAMES.filter((mode) => cannot(mode) === undefined);

it('nats cannot do what Go has not, and says so', () => {
  const lacks = MODE_NAMES.filter((mode) => !has.includes(mode));
  expect(Object.fromEntries(lacks.map((mode) => [mode, cannot(mode)]))).toEqual({
    ...Object.fromEntries(
      ['tls12-psk', 'tls12-psk-ccm8', 'tls12-ecdhe-psk', 'tls12-dhe-psk', 'tls13-psk'].map((mode) => [
        mode,
        "Go's crypto/tls has no pre-shared keys",
      ]),
    ),
    'tls12-resumed-id': expect.stringContaining('not by session ID') as unknown,
    'tls13-mlkem': expect.stringContaining('not X25519MLKEM768') as unknown,
  });
  expect(cannot('mtls13+crlEntries=10')).toContain('OCSP');
  expect(cannot('tls13+tickets=false')).toContain('tickets');
  expect(nats.cannot(modeNamed('plain'), { ...choice, noDelay: false })).toContain('TCP_NODELAY');
});

describe.skipIf(!here)('nats', () => {
  let foreign: Foreign;
  beforeAll(async () => {
    let end = (): Promise<void> => Promise.resolve();
    const modes = [...has, 'mtls13+client=wrong-ca', 'tls12+suite=TLS_ECDHE_ECDSA_WITH_AES_128_CCM'];
    foreign = await startBroker(nats, modes, newFolder(), {}, (stop) => (end = stop));
    return () => end();
  });

  it.each(has)('%s: connects, and what is negotiated is what the mode asks for', async (mode) => {
    expect(await visit(foreign, mode)).toBe('as asked');
  });

  it('refuses a client of another authority', async () => {
    expect(await visit(foreign, 'mtls13+client=wrong-ca')).toMatch(/ALERT/);
  });

  it('has no listener for a suite that it does not know, and says so', () => {
    expect(Object.fromEntries(foreign.running.unserved)).toEqual({
      'tls12+suite=TLS_ECDHE_ECDSA_WITH_AES_128_CCM': expect.stringContaining(
        'unrecognized cipher',
      ) as unknown,
    });
    expect(foreign.running.version).toMatch(/^nats-server 2\.\d+\.\d+$/);
    expect(foreign.crashes).toEqual([]);
  });
});
