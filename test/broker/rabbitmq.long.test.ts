import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { rabbitmq } from '../../src/broker/rabbitmq.ts';
import { startBroker, visit, type Foreign } from '../helpers/foreign-broker.ts';
import { alive, childrenOf } from '../helpers/processes.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const here = await hasTools('rabbitmq-server', 'epmd');
const newFolder = sharedFolders();

const GOOD = [
  'plain',
  'tls12+group=P-256',
  'tls13',
  'mtls12+group=P-256',
  'mtls13',
  'tls12-resumed-id',
  'tls13+chain=3',
];

describe.skipIf(!here)('rabbitmq', () => {
  let foreign: Foreign;
  let end = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const modes = [...GOOD, 'tls12', 'mtls13+client=wrong-ca'];
    foreign = await startBroker(rabbitmq, modes, newFolder(), {}, (stop) => (end = stop));
    return () => end();
  }, 240_000);

  it.each(GOOD)('%s: connects, and what is negotiated is what the mode asks for', async (mode) => {
    expect(await visit(foreign, mode)).toBe('as asked');
  });

  it('negotiates another group in TLS 1.2 than it is offered, and the client says so', async () => {
    expect(await visit(foreign, 'tls12')).toBe(
      'the client negotiated group = P-256, the mode asks for X25519',
    );
  });

  it('refuses a client of another authority', async () => {
    expect(await visit(foreign, 'mtls13+client=wrong-ca')).toMatch(/ALERT/);
  });

  it('shares a node among modes that do not differ in its TLS, and one epmd among nodes', () => {
    const names = foreign.running.processes.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('epmd'))).toHaveLength(1);
    expect(names.length).toBeLessThan(GOOD.length + 2);
    expect(foreign.running.version).toMatch(/^rabbitmq 3\.\d+\.\d+$/);
  });

  it('keeps all that it writes in the private folder, and leaves no helper of Erlang when it is stopped', async () => {
    const own = (await readdir(foreign.folder)).filter((name) => name.startsWith('broker-rabbitmq-'));
    expect(own).toContain('broker-rabbitmq-1');
    expect(await readdir(`${foreign.folder}/broker-rabbitmq-1`)).toEqual(
      expect.arrayContaining(['.erlang.cookie', 'mnesia', 'rabbitmq.conf']),
    );
    const pids: number[] = [];
    const gather = async (parent: number): Promise<void> => {
      for (const { pid } of await childrenOf(parent)) {
        pids.push(pid);
        await gather(pid);
      }
    };
    for (const { pid } of foreign.running.processes) await gather(pid);
    // Erlang itself, its helper for ports, and epmd.
    expect(pids.length).toBeGreaterThan(2 * (foreign.running.processes.length - 1));
    await end();
    expect(alive(pids)).toEqual([]);
    expect(foreign.crashes).toEqual([]);
  });
});
