import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Flow, OpenLink } from '../../src/link/backend.ts';
import type { Cables } from '../../src/link/cables.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { childrenOf, until } from '../helpers/processes.ts';
import { hasTun } from '../helpers/tun.ts';

const here = await hasTun();
const far = resolveLink({ name: 'far', oneWayMs: { up: 20, down: 30 } });
const near = resolveLink({ name: 'near', oneWayMs: 5 });

async function open(
  onCrash: (error: Error) => void = () => {},
): Promise<{ link: OpenLink; cables: Cables; flows: Flow[] }> {
  const flows: Flow[] = [];
  const link = await tunBackend.open({ onFlow: (flow) => flows.push(flow), onCrash });
  if (link.cables === undefined) throw new Error('The TUN backend lays cables');
  return { link, cables: link.cables, flows };
}

/** Round trips of a ping through these namespaces, in milliseconds; the shortest of five. */
async function pingMs(cables: Cables, address: string): Promise<number> {
  const program = `
    const { createSocket } = require('node:dgram');
    const socket = createSocket('udp4').bind(() => socket.connect(9, '${address}', () => socket.send('x')));
    const start = performance.now();
    socket.on('error', () => { console.log(performance.now() - start); socket.close(); });`;
  const [command = '', ...prefix] = cables.clients.prefix;
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { stdout } = await execa(command, [...prefix, process.execPath, '-e', program], { timeout: 5000 });
    times.push(Number(stdout));
  }
  return Math.min(...times);
}

test.skipIf(!here)('packets cross two cables and the router between them, each with its delay', async () => {
  const { link, cables } = await open();
  try {
    const router = await cables.namespace('router', () => {});
    const server = await cables.namespace('server', () => {});
    await router.forward();
    const outer = await cables.lay(far, { client: cables.clients, broker: router }, { tap: 'none' });
    const inner = await cables.lay(near, { client: router, broker: server }, { tap: 'none' });
    const address = inner.broker.address;
    const route = (to: string, device: string) =>
      ['ip', 'route', 'add', to, 'dev', device] as [string, ...string[]];
    await cables.clients.run(route(address, outer.client.device));
    await server.run(route(outer.client.address, inner.broker.device));
    // Nobody has the port: the server's kernel answers by ICMP, from behind the router.
    const ms = await pingMs(cables, address);
    expect(ms).toBeGreaterThanOrEqual(60);
    expect(ms).toBeLessThan(90);
    const { up, down } = (await link.traffic()).get('far') ?? {};
    expect(up?.packets).toBe(5);
    expect(down?.packets).toBe(5);
  } finally {
    await link.close();
  }
});

test.skipIf(!here)('a namespace that dies is told, and its cables with it', async () => {
  const crashes: string[] = [];
  const { link, cables } = await open();
  try {
    const router = await cables.namespace('router', (error) => crashes.push(error.message));
    await cables.lay(near, { client: cables.clients, broker: router }, { tap: 'near' });
    const started = await lineCpu(link);
    process.kill(router.pid, 'SIGKILL');
    await until('the crash is told', () => crashes.length > 0);
    expect(crashes[0]).toContain('The namespace router process ended (SIGKILL)');
    // A device without its namespace is always ready; a delay line that went on asking it would never sleep.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await lineCpu(link)) - started).toBeLessThan(0.6);
  } finally {
    await link.close();
  }
});

test.skipIf(!here)('no namespace is left when the link is closed', async () => {
  const { link, cables } = await open();
  await cables.namespace('router', () => {});
  await cables.namespace('broker', () => {});
  await link.close();
  const holders = async (): Promise<number> =>
    (await childrenOf(process.pid)).filter(({ command }) => command.includes('holder.child')).length;
  await until('the last holder is gone', async () => (await holders()) === 0);
  expect(await holders()).toBe(0);
});

test.skipIf(!here)('a command that fails in a namespace is told with what it said', async () => {
  const { link, cables } = await open();
  try {
    const router = await cables.namespace('router', () => {});
    await expect(router.run(['ip', 'link', 'set', 'dev', 'nowhere', 'up'])).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('Cannot find device "nowhere"'),
    });
  } finally {
    await link.close();
  }
});

async function lineCpu(link: OpenLink): Promise<number> {
  return (await link.children[0]?.usage())?.cpuSeconds ?? 0;
}
