import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import * as z from 'zod';
import { AUTHENTICATIONS } from '../modes/axes.ts';
import { needsNoTicketsConfig, NO_TICKETS_CONFIG } from '../modes/configure.ts';
import { modeNamed } from '../modes/index.ts';
import { startChild, type Child } from '../process/child.ts';
import { renewable, renewalOf, type RenewableChild } from '../process/renewable.ts';
import { OWN_RUNTIME, RUNTIME_NAMES, runtimeNamed } from '../runtimes/index.ts';
import { accessSchema, accessOf, deniedBy } from './access/choice.ts';
import type { EnquirySettings } from './access/enquiry.ts';
import { startAccess } from './access/start.ts';
import { aedesProtocol } from './aedes.protocol.ts';
import type { BrokerKind, BrokerOptions } from './broker.ts';

type Listener = { mode: string; port?: number };
type Part = { child: RenewableChild<typeof aedesProtocol>; listening: Listening };
type Listening = z.infer<(typeof aedesProtocol)['calls']['listen']['result']>;

/** Aedes, embedded in a process of its own, with one listener for each mode. */
export const aedes = {
  name: 'aedes',
  title: 'Aedes (embedded, MQTT 3.1.1)',
  mqttVersions: ['3.1.1'],
  authentications: AUTHENTICATIONS,
  stamps: 'broker',
  restarts: true,
  shape: {
    runtime: z
      .enum(RUNTIME_NAMES)
      .optional()
      .meta({ description: 'what an embedded broker runs on, and so its TLS stack (default node)' }),
    access: accessSchema.optional().meta({
      description: 'an access-management service that it asks which topics a client may use',
    }),
  },
  lack: () => Promise.resolve(undefined),
  version: () => Promise.resolve(`aedes ${aedesVersion()}`),
  cannot: () => undefined,
  opensPayloads: ({ runtime }) =>
    runtime === OWN_RUNTIME
      ? undefined
      : `aedes opens payloads before it distributes them on the pinned Node only, not on ${runtimeNamed(runtime).title}`,
  denies: (choice) => {
    const access = accessOf(choice);
    return access && deniedBy(access);
  },
  async start(options) {
    const { host, modes, pkiFolder } = options;
    const { port, runtime } = options.choice;
    const listeners = modes.map((mode, index) => ({
      mode,
      ...(port === undefined ? {} : { port: port + index }),
    }));
    // Whether TLS 1.3 has tickets is a whole process's matter, see NO_TICKETS_CONFIG.
    const apart = listeners.filter(needsProcessOfItsOwn);
    const usual = listeners.filter((listener) => !apart.includes(listener));
    const { readsOpensslConfig, title } = runtimeNamed(runtime);
    const parts: Part[] = [];
    const access = await startAccess(options);
    const others = access?.service === undefined ? [] : [access.service];
    const stop = async (): Promise<void> => {
      await Promise.all([...parts.map(({ child }) => child), ...others].map((child) => child.stop()));
    };
    const told = { ...options, ...(access === undefined ? {} : { enquiry: access.enquiry }) };
    try {
      // Where nothing can be told to send no tickets, that has to be said by somebody.
      if (usual.length > 0 || !readsOpensslConfig) parts.push(await startPart('broker', usual, told));
      if (apart.length > 0 && readsOpensslConfig) {
        const config = join(pkiFolder, 'no-tickets.cnf');
        await writeFile(config, NO_TICKETS_CONFIG);
        const nodeOptions = [`--openssl-config=${config}`];
        parts.push(await startPart('broker-no-tickets', apart, { ...told, nodeOptions }));
      }
    } catch (error) {
      await stop();
      throw error;
    }
    const unserved = new Map(
      readsOpensslConfig ? [] : apart.map(({ mode }) => [mode, `${title} cannot be told to send no tickets`]),
    );
    for (const { mode, reason } of parts.flatMap(({ listening }) => listening.unserved))
      unserved.set(mode, reason);
    const ports = parts.flatMap(({ listening }) => listening.ports);
    return {
      listeners: new Map(ports.map((listener) => [listener.mode, { host, port: listener.port }])),
      unserved,
      version: `aedes ${aedesVersion()} on ${parts[0]?.listening.runtime}`,
      processes: [...parts.map(({ child }) => child), ...others],
      payloads: (mode) => {
        const part = parts.find(({ listening }) =>
          listening.ports.some((listener) => listener.mode === mode),
        );
        if (part === undefined) throw new Error(`No process of aedes listens for ${mode}`);
        return {
          open: (opening) => part.child.call('openPayloads', opening),
          opened: (injected) => part.child.call('openedPayloads', { injected: [...injected] }),
        };
      },
      flush: async () => void (await Promise.all(parts.map(({ child }) => child.call('flush', null)))),
      restart: async () => renewalOf(await Promise.all(parts.map(({ child }) => child.renew()))),
      stop,
    };
  },
} as const satisfies BrokerKind;

function needsProcessOfItsOwn({ mode }: Listener): boolean {
  return needsNoTicketsConfig(modeNamed(mode));
}

type PartOptions = BrokerOptions & { nodeOptions?: readonly string[]; enquiry?: EnquirySettings };

/** One process with listeners for some modes; when it is renewed, on the ports that it had. */
async function startPart(name: string, listeners: readonly Listener[], options: PartOptions): Promise<Part> {
  const { child, listening } = await startProcess(name, listeners, options);
  const again = async (): Promise<typeof child> => (await startProcess(name, listening.ports, options)).child;
  return { child: renewable(child, again), listening };
}

async function startProcess(
  name: string,
  listeners: readonly Listener[],
  options: PartOptions,
): Promise<{ child: Child<typeof aedesProtocol>; listening: Listening }> {
  const { host, pkiFolder, prefix, nodeOptions = [] } = options;
  const { noDelay, runtime } = options.choice;
  const { label, enquiry, onRecord, onRefusal, onCrash } = options;
  const child = await startChild(aedesProtocol, {
    module: new URL('./aedes.child.ts', import.meta.url),
    name: label === undefined ? name : `${name}-${label}`,
    prefix,
    runtime,
    nodeOptions,
    onCrash,
    onEvent: (event) => {
      if (event.kind === 'records') for (const record of event.records) onRecord(record);
      else for (const refusal of event.refusals) onRefusal(refusal);
    },
  });
  try {
    const listening = await child.call('listen', {
      host,
      listeners: [...listeners],
      pkiFolder,
      noDelay,
      ...(enquiry === undefined ? {} : { access: enquiry }),
    });
    return { child, listening };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

function aedesVersion(): string {
  const file = findPackageJSON('aedes', import.meta.url);
  if (file === undefined) return 'of an unknown version';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
