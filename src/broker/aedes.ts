import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_TICKETS_CONFIG } from '../modes/configure.ts';
import { modeNamed } from '../modes/index.ts';
import { startChild, type Child } from '../process/child.ts';
import { aedesProtocol } from './aedes.protocol.ts';
import type { BrokerKind, BrokerOptions } from './broker.ts';

type Part = { child: Child<typeof aedesProtocol>; listening: Listening };
type Listener = { mode: string; port?: number };
type Listening = { ports: Required<Listener>[]; version: string };

/** Aedes, embedded in a process of its own, with one listener for each mode. */
export const aedes = {
  name: 'aedes',
  title: 'Aedes (embedded, MQTT 3.1.1)',
  mqttVersions: ['3.1.1'],
  async start(options) {
    const { host, modes, port, pkiFolder } = options;
    const listeners = modes.map((mode, index) => ({
      mode,
      ...(port === undefined ? {} : { port: port + index }),
    }));
    // Whether TLS 1.3 has tickets is a whole process's matter, see NO_TICKETS_CONFIG.
    const apart = listeners.filter(needsProcessOfItsOwn);
    const usual = listeners.filter((listener) => !apart.includes(listener));
    const first = await startPart('broker', usual, options);
    const parts = [first];
    const stop = async (): Promise<void> => void (await Promise.all(parts.map(({ child }) => child.stop())));
    try {
      if (apart.length > 0) {
        const config = join(pkiFolder, 'no-tickets.cnf');
        await writeFile(config, NO_TICKETS_CONFIG);
        const nodeOptions = [`--openssl-config=${config}`];
        parts.push(await startPart('broker-no-tickets', apart, { ...options, nodeOptions }));
      }
    } catch (error) {
      await stop();
      throw error;
    }
    const ports = parts.flatMap(({ listening }) => listening.ports);
    return {
      listeners: new Map(ports.map((listener) => [listener.mode, { host, port: listener.port }])),
      version: first.listening.version,
      child: first.child,
      others: parts.slice(1).map(({ child }) => child),
      flush: async () => void (await Promise.all(parts.map(({ child }) => child.call('flush', null)))),
      stop,
    };
  },
} as const satisfies BrokerKind;

function needsProcessOfItsOwn({ mode }: Listener): boolean {
  const { security, tickets } = modeNamed(mode);
  return security?.protocol === 'TLSv1.3' && !tickets;
}

/** One process with listeners for some modes. */
async function startPart(
  name: string,
  listeners: readonly Listener[],
  options: BrokerOptions & { nodeOptions?: readonly string[] },
): Promise<Part> {
  const { host, pkiFolder, noDelay, prefix, nodeOptions = [], onRecord, onRefusal, onCrash } = options;
  const child = await startChild(aedesProtocol, {
    module: new URL('./aedes.child.ts', import.meta.url),
    name,
    prefix,
    nodeOptions,
    onCrash,
    onEvent: (event) => {
      if (event.kind === 'records') for (const record of event.records) onRecord(record);
      else for (const refusal of event.refusals) onRefusal(refusal);
    },
  });
  try {
    const listening = await child.call('listen', { host, listeners: [...listeners], pkiFolder, noDelay });
    return { child, listening };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
