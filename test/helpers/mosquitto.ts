import { accessSync, constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import { needsFolder, PKI_FILES } from '../../src/pki/folder.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import { until } from './processes.ts';
import { freePort } from './tcp.ts';

/** Debian has it where the PATH of a user does not lead. */
const PLACES = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];

/** What the broker reads at most of one packet. */
export const MAX_PACKET_BYTES = 2000;

/** Where mosquitto is. CI must have it; elsewhere the tests that need it are skipped, and say so. */
export function findMosquitto(): string | undefined {
  const found = PLACES.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    process.stderr.write('SKIPPED, no mosquitto here. Debian: apt-get install mosquitto\n');
    if (process.env['CI'] === 'true') expect.fail('CI needs mosquitto');
  }
  return found;
}

export interface Mosquitto {
  /** Listeners: anybody may connect; by TLS 1.3 with the certificates of the PKI; nobody may. */
  ports: { open: number; tls13: number; closed: number };
  /** What it has logged so far; `as m1 (p5, …)` tells the protocol level of a client. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts mosquitto by itself, beside any that the machine runs as a service; nobody may use what the filters of `denied` match. */
export async function startMosquitto(
  path: string,
  { folder, denied }: { folder: string; denied: readonly string[] },
): Promise<Mosquitto> {
  const file = (name: keyof typeof PKI_FILES): string =>
    join(needsFolder(folder, DEFAULT_NEEDS), PKI_FILES[name]);
  const [open, closed] = [await freePort(), await freePort()];
  const ports = { open, tls13: open + 1, closed };
  const [config, acl, logFile] = ['mosquitto.conf', 'acl', 'mosquitto.log'].map((name) => join(folder, name));
  if (config === undefined || acl === undefined || logFile === undefined) throw new Error('No files');
  // What is not allowed is denied; the last rule that fits a topic does not count, any `deny` does.
  await writeFile(acl, `topic readwrite #\n${denied.map((filter) => `topic deny ${filter}\n`).join('')}`);
  await writeFile(
    config,
    `per_listener_settings true
set_tcp_nodelay true
log_dest file ${logFile}
log_type all
max_packet_size ${MAX_PACKET_BYTES}
# As root it would become a user who may not read what only the run's own may.
user ${process.getuid?.() === 0 ? 'root' : 'mosquitto'}
listener ${ports.open} 127.0.0.1
allow_anonymous true
acl_file ${acl}
listener ${ports.tls13} 127.0.0.1
allow_anonymous true
certfile ${file('brokerCert')}
keyfile ${file('brokerKey')}
tls_version tlsv1.3
listener ${ports.closed} 127.0.0.1
allow_anonymous false
`,
  );
  const mosquitto = execa(path, ['-c', config], { reject: false, stdin: 'ignore', all: true });
  let ended: string | undefined;
  void mosquitto.then((result) => (ended = `${result.shortMessage ?? ''} ${result.all}`));
  await until('mosquitto listens', async () => {
    if (ended !== undefined) throw new Error(`mosquitto ended: ${ended}`);
    return (await Promise.all(Object.values(ports).map(answers))).every(Boolean);
  });
  return {
    ports,
    log: () => readFile(logFile, 'utf8'),
    stop: async () => {
      mosquitto.kill();
      await mosquitto;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
