import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { environmentError } from '../errors.ts';
import { preferThisProcess } from '../process/priority.ts';
import { serve } from '../process/serve.ts';
import { addressesOf } from './addresses.ts';
import { steadyTcp } from './namespace.ts';
import type { Notice, Order } from './tun/delay-line.worker.ts';
import { tunProtocol } from './tun/protocol.ts';

const DEVICE = 'mtb0';

type Answer = Extract<Notice, { kind: 'answer' }>;

preferThisProcess();
// This process is the first one in the network namespace of the run, and the namespace ends with its last one.
serve(tunProtocol, ({ emit }) => {
  let worker: Worker | undefined;
  const links = new Map<string, string>();
  const questions = new Map<number, (answer: Answer) => void>();
  let nextId = 1;

  const order = (message: Order): void => worker?.postMessage(message, []);
  const ask = (kind: 'read' | 'flush'): Promise<Answer> =>
    new Promise((resolve) => {
      const id = nextId++;
      questions.set(id, resolve);
      order({ kind, id });
    });

  const open = (seed: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const module = new URL(`./tun/delay-line.worker${extname(import.meta.url)}`, import.meta.url);
      worker = new Worker(module, { workerData: { seed } });
      worker.on('error', reject);
      worker.on('message', (notice: Notice) => {
        if (notice.kind === 'open') resolve();
        else if (notice.kind === 'failed')
          reject(environmentError(`The TUN delay line does not open: ${notice.message}`));
        else if (notice.kind === 'flows') emit({ flows: notice.flows });
        else {
          questions.get(notice.id)?.(notice);
          questions.delete(notice.id);
        }
      });
    });

  return {
    open: async ({ seed }) => {
      await open(seed);
      await ip('link', 'set', 'dev', 'lo', 'up');
      await ip('link', 'set', 'dev', DEVICE, 'mtu', '1500', 'txqueuelen', '10000', 'up');
      await steadyTcp();
    },
    route: async ({ link, port }) => {
      let brokerAddress = links.get(link.id);
      if (brokerAddress === undefined) {
        const { client, broker } = addressesOf(links.size);
        brokerAddress = broker;
        links.set(link.id, brokerAddress);
        await ip('addr', 'add', client, 'peer', broker, 'dev', DEVICE);
        order({ kind: 'link', link, clientAddress: client, brokerAddress: broker });
      }
      order({ kind: 'listener', linkId: link.id, port });
      return { host: brokerAddress };
    },
    lateness: async () => (await ask('read')).lateness,
    traffic: async () => (await ask('read')).traffic,
    close: async () => void (await ask('flush')),
  };
});

async function ip(...args: string[]): Promise<void> {
  await execa('ip', args);
}
