import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needsNoTicketsConfig, NO_TICKETS_CONFIG } from '../../modes/configure.ts';
import { modeNamed } from '../../modes/index.ts';
import { startChild, type Child } from '../../process/child.ts';
import { hopProtocol } from '../hop.protocol.ts';
import type { HopKind, HopLane, HopStart } from './kind.ts';

/** The bench's own hop, on the Node under test: it has every mode that the embedded broker has, and tells what it did. */
export const nodeHop = {
  name: 'node',
  tells: true,
  keepsWarm: true,
  lack: () => Promise.resolve(undefined),
  cannotServe: () => undefined,
  cannotDial: () => undefined,
  async start(start) {
    const { lanes, context } = start;
    // Whether TLS 1.3 has tickets is a whole process's matter, see NO_TICKETS_CONFIG.
    const apart = lanes.filter(({ mode }) => needsNoTicketsConfig(modeNamed(mode)));
    const usual = lanes.filter((lane) => !apart.includes(lane));
    const children: Child<typeof hopProtocol>[] = [];
    const ports = new Map<HopLane, number>();
    const stop = async (): Promise<void> => void (await Promise.all(children.map((child) => child.stop())));
    try {
      for (const [own, name, nodeOptions] of [
        [usual, 'hop', []],
        [apart, 'hop-no-tickets', [`--openssl-config=${await noTicketsConfig(context.pkiFolder)}`]],
      ] as const) {
        if (own.length === 0) continue;
        const child = await startHop(`${name}-${start.label}`, nodeOptions, start);
        children.push(child);
        const listening = await child.call('listen', {
          host: context.link.brokerHost,
          lanes: own.map(({ mode, innerMode, target: { host, port } }) => ({
            mode,
            innerMode,
            target: { host, port },
          })),
          pkiFolder: context.pkiFolder,
          warm: start.warm,
          innerCertificate: start.innerCertificate,
        });
        for (const [index, lane] of own.entries()) ports.set(lane, listening.ports[index] ?? 0);
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      endpoints: lanes.map((lane) => ({ host: context.link.brokerHost, port: ports.get(lane) ?? 0 })),
      processes: children,
      flush: async () => void (await Promise.all(children.map((child) => child.call('flush', null)))),
      stop,
    };
  },
} as const satisfies HopKind;

function startHop(
  name: string,
  nodeOptions: readonly string[],
  { context: { link, onHop, onRefusal, onCrash } }: HopStart,
): Promise<Child<typeof hopProtocol>> {
  return startChild(hopProtocol, {
    module: new URL('../hop.child.ts', import.meta.url),
    name,
    prefix: link.prefix.broker,
    nodeOptions,
    onCrash,
    onEvent: (event) => {
      if (event.kind === 'records') for (const record of event.records) onHop(record);
      else for (const refusal of event.refusals) onRefusal(refusal);
    },
  });
}

async function noTicketsConfig(folder: string): Promise<string> {
  const file = join(folder, 'hop-no-tickets.cnf');
  await writeFile(file, NO_TICKETS_CONFIG);
  return file;
}
