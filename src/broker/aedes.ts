import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { startChild } from '../process/child.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { aedesProtocol } from './aedes.protocol.ts';
import type { BrokerKind } from './broker.ts';

/** Aedes, embedded in a process of its own, with one listener for each mode. */
export const aedes = {
  name: 'aedes',
  title: 'Aedes (embedded, MQTT 3.1.1)',
  async start({
    host,
    port,
    modes,
    pkiFolder,
    noDelay,
    runtime = OWN_RUNTIME,
    prefix,
    onRecord,
    onRefusal,
    onCrash,
  }) {
    const child = await startChild(aedesProtocol, {
      module: new URL('./aedes.child.ts', import.meta.url),
      name: 'broker',
      prefix,
      runtime,
      onCrash,
      onEvent: (event) => {
        if (event.kind === 'records') for (const record of event.records) onRecord(record);
        else for (const refusal of event.refusals) onRefusal(refusal);
      },
    });
    try {
      const {
        ports,
        unserved,
        runtime: runsOn,
      } = await child.call('listen', {
        host,
        ...(port === undefined ? {} : { port }),
        modes: [...modes],
        pkiFolder,
        noDelay,
      });
      return {
        listeners: new Map(ports.map((listener) => [listener.mode, { host, port: listener.port }])),
        unserved: new Map(unserved.map(({ mode, reason }) => [mode, reason])),
        version: `aedes ${aedesVersion()} on ${runsOn}`,
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

function aedesVersion(): string {
  const file = findPackageJSON('aedes', import.meta.url);
  if (file === undefined) return 'of an unknown version';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
