import { startChild } from '../process/child.ts';
import { aedesProtocol } from './aedes.protocol.ts';
import type { BrokerKind } from './broker.ts';

/** Aedes, embedded in a process of its own, with one listener for each mode. */
export const aedes = {
  name: 'aedes',
  title: 'Aedes (embedded, MQTT 3.1.1)',
  async start({ host, port, modes, pkiFolder, noDelay, prefix, onRecord, onRefusal, onCrash }) {
    const child = await startChild(aedesProtocol, {
      module: new URL('./aedes.child.ts', import.meta.url),
      name: 'broker',
      prefix,
      onCrash,
      onEvent: (event) => {
        if (event.kind === 'records') for (const record of event.records) onRecord(record);
        else for (const refusal of event.refusals) onRefusal(refusal);
      },
    });
    try {
      const { ports, version } = await child.call('listen', {
        host,
        ...(port === undefined ? {} : { port }),
        modes: [...modes],
        pkiFolder,
        noDelay,
      });
      return {
        listeners: new Map(ports.map((listener) => [listener.mode, { host, port: listener.port }])),
        version,
        child,
        flush: () => child.call('flush', null),
        stop: () => child.stop(),
      };
    } catch (error) {
      await child.stop();
      throw error;
    }
  },
} as const satisfies BrokerKind;
