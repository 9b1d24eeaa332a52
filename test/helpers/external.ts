import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunningBroker } from '../../src/broker/broker.ts';
import { needsFolder, PKI_FILES } from '../../src/pki/folder.ts';
import { BROKER_NAME } from '../../src/pki/material.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import { modeNamed } from '../../src/modes/index.ts';

/** Where a broker that a test has started is reached, as a scenario says it. */
export function urlsOf(broker: RunningBroker, modes: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    modes.map((mode) => {
      const scheme = modeNamed(mode).security === undefined ? 'mqtt' : 'mqtts';
      const { host, port } = broker.listeners.get(mode) ?? { host: 'nowhere', port: 0 };
      return [mode, `${scheme}://${host}:${port}`];
    }),
  );
}

/** What clients of a broker with these certificates are to be given. */
export function holdings(
  pkiFolder: string,
): Record<'ca' | 'clientCert' | 'clientKey' | 'serverName', string> {
  const file = (name: keyof typeof PKI_FILES): string =>
    join(needsFolder(pkiFolder, DEFAULT_NEEDS), PKI_FILES[name]);
  return {
    ca: file('ca'),
    clientCert: file('clientCert'),
    clientKey: file('clientKey'),
    serverName: BROKER_NAME,
  };
}

/** Sets environment variables until the running test ends. */
export function setVariables(variables: Record<string, string>): void {
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}
