import { onTestFinished } from 'vitest';
import type { BrokerKind, BrokerOptions, RunningBroker } from '../../src/broker/broker.ts';
import { mismatches } from '../../src/modes/check.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { createPki } from '../../src/pki/create.ts';
import { readClientMaterial } from '../../src/pki/folder.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { MqttJsClient } from '../../src/swarm/clients/mqttjs.ts';
import { primeSessions } from '../../src/swarm/sessions.ts';
import { makeTargets } from '../../src/swarm/targets.ts';

export interface Foreign {
  running: RunningBroker;
  folder: string;
  crashes: Error[];
}

/** Starts a broker for some modes in a folder, with certificates of its own; `undo` ends it. */
export async function startBroker(
  kind: BrokerKind,
  modes: readonly string[],
  folder: string,
  options: Partial<BrokerOptions> = {},
  undo: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Foreign> {
  const crashes: Error[] = [];
  await createPki(
    folder,
    modes.map((mode) => modeNamed(mode).needs),
  );
  const running = await kind.start({
    choice: brokerOf(kind.name),
    host: '127.0.0.1',
    modes,
    pkiFolder: folder,
    prefix: [],
    onRecord: () => {},
    onRefusal: () => {},
    onCrash: (error) => crashes.push(error),
    ...options,
  });
  undo(() => running.stop());
  return { running, folder, crashes };
}

const WITHIN_MS = 10_000;

/**
 * What became of one client of a mode: `as asked` when it got CONNACK and negotiated what the mode asks for, what it
 * negotiated otherwise, or why it failed.
 */
export async function visit({ running, folder }: Foreign, mode: string): Promise<string> {
  const listener = running.listeners.get(mode);
  if (listener === undefined) return `no listener: ${running.unserved.get(mode)}`;
  const { targets } = await makeTargets([{ cell: 0, mode, modelledConnectMs: 0, ...listener }], (needs) =>
    readClientMaterial(folder, needs),
  );
  const target = targets.get(0);
  if (target === undefined) throw new Error('No target');
  await primeSessions(target, { count: 1, perSecond: 100, timeoutMs: WITHIN_MS });
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve('no CONNACK in time'), WITHIN_MS);
    const end = (outcome: string): void => {
      clearTimeout(limit);
      resolve(outcome);
    };
    const connection = new MqttJsClient(
      target,
      { clientId: `visit-${mode.replaceAll(/\W/g, '')}` },
      {
        onPacket: ({ cmd }) => {
          if (cmd !== 'connack') return;
          const expected = { ...modeNamed(mode).expected, brokerNoDelay: true };
          // A ticket of TLS 1.3 may come after CONNACK; what was negotiated is there.
          const found = mismatches(expected, 'client', connection.negotiated);
          void connection
            .end()
            .then(() => end(found.length === 0 ? 'as asked' : found.map(({ detail }) => detail).join('; ')));
        },
        onFailure: ({ reason }) => end(reason),
      },
    );
  });
}
