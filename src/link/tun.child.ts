import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { environmentError } from '../errors.ts';
import { preferThisProcess } from '../process/priority.ts';
import { serve } from '../process/serve.ts';
import { addressesOf } from './addresses.ts';
import { routeQuietly, runHere, steadyTcp } from './namespace.ts';
import type { LineOptions, Notice, Order } from './tun/delay-line.worker.ts';
import { tunProtocol } from './tun/protocol.ts';

const DEVICE = 'mtb0';

type Answer = Extract<Notice, { kind: 'answer' }>;

preferThisProcess();
// This process is the first one in the network namespace of the run, and the namespace ends with its last one.
serve(tunProtocol, ({ emit }) => {
  let worker: Worker | undefined;
  const links = new Map<string, string>();
  const questions = new Map<number, (answer: Answer) => void>();
  const laying = new Map<number, (problem: string | undefined) => void>();
  let nextId = 1;
  /** Links and cables have networks of their own. */
  let networks = 0;

  const order = (message: Order): void => worker?.postMessage(message, []);
  const ask = (kind: 'read' | 'flush'): Promise<Answer> =>
    new Promise((resolve) => {
      const id = nextId++;
      questions.set(id, resolve);
      order({ kind, id });
    });

  const open = (workerData: LineOptions): Promise<void> =>
    new Promise((resolve, reject) => {
      const module = new URL(`./tun/delay-line.worker${extname(import.meta.url)}`, import.meta.url);
      worker = new Worker(module, { workerData });
      worker.on('error', reject);
      worker.on('message', (notice: Notice) => {
        if (notice.kind === 'open') resolve();
        else if (notice.kind === 'failed')
          reject(environmentError(`The TUN delay line does not open: ${notice.message}`));
        else if (notice.kind === 'flows') emit({ flows: notice.flows });
        else if (notice.kind === 'packets') emit({ packets: notice.packets });
        else if (notice.kind === 'laid') {
          laying.get(notice.id)?.(notice.problem);
          laying.delete(notice.id);
        } else {
          questions.get(notice.id)?.(notice);
          questions.delete(notice.id);
        }
      });
    });

  return {
    open: async (options) => {
      await open(options);
      await ip('link', 'set', 'dev', 'lo', 'up');
      await ip('link', 'set', 'dev', DEVICE, 'mtu', '1500', 'txqueuelen', '10000', 'up');
      await steadyTcp();
      await routeQuietly();
    },
    route: async ({ link, port }) => {
      let brokerAddress = links.get(link.id);
      if (brokerAddress === undefined) {
        const { client, broker } = addressesOf(networks++);
        brokerAddress = broker;
        links.set(link.id, brokerAddress);
        await ip('addr', 'add', client, 'peer', broker, 'dev', DEVICE);
        order({ kind: 'link', link, clientAddress: client, brokerAddress: broker });
      }
      order({ kind: 'listener', linkId: link.id, port });
      return { host: brokerAddress };
    },
    lay: async ({ link, tap, client, broker }) => {
      const index = networks++;
      // Each is called after the direction that leaves through it.
      const devices = { client: `up${index}`, broker: `down${index}` };
      const problem = await new Promise<string | undefined>((resolve) => {
        const id = nextId++;
        laying.set(id, resolve);
        order({ kind: 'cable', id, link, tap, ...devices });
      });
      if (problem !== undefined) throw environmentError(`A cable cannot be laid: ${problem}`);
      // Their files stay open here.
      await ip('link', 'set', 'dev', devices.client, 'netns', String(client));
      await ip('link', 'set', 'dev', devices.broker, 'netns', String(broker));
      return { index, ...devices };
    },
    run: async ({ argv, input }) => ({ stdout: await runHere(argv, input) }),
    lateness: async () => (await ask('read')).lateness,
    traffic: async () => (await ask('read')).traffic,
    close: async () => void (await ask('flush')),
  };
});

async function ip(...args: string[]): Promise<void> {
  await runHere(['ip', ...args]);
}
