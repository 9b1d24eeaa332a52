import { startChild } from '../process/child.ts';
import { aedesProtocol } from './aedes.protocol.ts';
import type { BrokerKind } from './broker.ts';

/** Aedes, embedded in a process of its own, with one listener for each mode. */
export const aedes = {
  name: 'aedes',
  title: 'Aedes (embedded, MQTT 3.1.1)',
  async start({ onRecord, onRefusal, onCrash, prefix, ...options }) {
    const child = await startChild(aedesProtocol, {
      module: new URL('./aedes.child.ts', import.meta.url),
      name: 'broker',
      prefix,
      onCrash,
      onEvent: (event) => {
        for (const record of event.records) onRecord(record);
        for (const refusal of event.refusals) onRefusal(refusal);
      },
    });
    try {
      const { ports, version } = await child.call('listen', { ...options, modes: [...options.modes] });
      return {
        listeners: new Map(ports.map(({ mode, port }) => [mode, { host: options.host, port }])),
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
