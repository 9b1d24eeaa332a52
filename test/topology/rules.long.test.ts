import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import type { Namespace } from '../../src/link/cables.ts';
import { NULL_LINK } from '../../src/link/spec.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { cablesOf, lead } from '../../src/topology/routed.ts';
import { PacketFilter } from '../../src/topology/rules.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('nft'));

const PORT = 1883;
const LISTEN = `require('net').createServer(s => s.end()).listen(${PORT}, '0.0.0.0', () => console.log('ready'))`;

/** Listens in a namespace on the port that the filter is opened for. */
async function listenIn({ prefix }: Namespace): Promise<void> {
  const [command, ...args] = [...prefix, process.execPath, '-e', LISTEN];
  const listener = execa(command, args, { reject: false, buffer: false });
  onTestFinished(async () => {
    listener.kill('SIGKILL');
    await listener;
  });
  await new Promise((resolve) => listener.stdout.once('data', resolve));
}

/** What becomes of a connection from a namespace, and from an address of it, within two seconds. */
function dialFrom(namespace: Namespace, localAddress: string, host: string): Promise<string> {
  const dial = `const s = require('net').connect({ port: ${PORT}, host: '${host}', localAddress: '${localAddress}' }, () => end('open')).on('error', e => end(e.code));
    const end = how => { console.log(how); process.exit() }; setTimeout(end, 2000, 'nothing')`;
  return namespace.run([process.execPath, '-e', dial]);
}

test.skipIf(!here)(
  'a port is open from the device that it was opened for, and in no other direction',
  async () => {
    const onCrash = (error: Error): void => {
      throw error;
    };
    const link = await tunBackend.open({ seed: 5, onFlow: () => {}, onCrash });
    onTestFinished(() => link.close());
    const cables = cablesOf(link);
    const router = await cables.namespace('router', onCrash);
    const zone = await cables.namespace('broker', onCrash);
    const filter = await PacketFilter.between(router, 'drop');
    const inner = await cables.lay(NULL_LINK, { client: router, broker: zone }, { tap: 'none' });
    const outer = await cables.lay(NULL_LINK, { client: cables.clients, broker: router }, { tap: 'none' });
    const host = await lead(outer, [inner]);
    await listenIn(zone);
    await listenIn(cables.clients);
    expect(await dialFrom(cables.clients, outer.client.address, host)).toBe('nothing');
    await filter.open(outer.broker.device, PORT);
    expect(await dialFrom(cables.clients, outer.client.address, host)).toBe('open');
    expect(await dialFrom(zone, host, outer.client.address)).toBe('nothing');
    // The way itself is there.
    await filter.open(inner.client.device, PORT);
    expect(await dialFrom(zone, host, outer.client.address)).toBe('open');
  },
);
