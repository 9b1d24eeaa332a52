import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { SILENT } from '../../src/lab/observer.ts';
import { NULL_LINK } from '../../src/link/spec.ts';
import { METHOD_NAMES, methodNamed } from '../../src/payload/index.ts';
import { TAMPERINGS } from '../../src/payload/tampering.ts';
import type { CellResult, LoadProtection, Results } from '../../src/results/schema.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { Protection } from '../../src/swarm/workloads/settings/protection.ts';
import { pubsubSchema, type PubsubWorkload } from '../../src/swarm/workloads/settings/pubsub.ts';
import { AEDES, expectNothingLeft, measure, scenarioWith } from '../helpers/runs.ts';
import { installedRuntimes } from '../helpers/runtimes.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const PUBLISHERS = 3;
const RATE = 20;
const SENT = PUBLISHERS * RATE;

function load(protection: Protection | undefined, more: Partial<PubsubWorkload> = {}): PubsubWorkload {
  return {
    ...pubsubSchema.parse({
      kind: 'pubsub',
      publishers: PUBLISHERS,
      ratePerPublisher: RATE,
      seconds: 1,
      timeoutMs: 5000,
    }),
    ...(protection === undefined ? {} : { protection }),
    ...more,
  };
}

const PLACES = ['end-to-end', 'client-to-broker'] as const;
const newFolder = sharedFolders();

function protectionOf({ throughput }: CellResult): LoadProtection {
  if (throughput?.protection === undefined) throw new Error('no protection');
  return throughput.protection;
}

describe('every method, end to end and to the broker', () => {
  let results: Results;
  let folder: string;
  const seenFiles = new Set<string>();
  const secrets = new Set<string>();
  const commands = new Set<string>();
  beforeAll(async () => {
    folder = join(newFolder(), 'run');
    const workloads = PLACES.flatMap((place) =>
      METHOD_NAMES.map((method) => load({ method, place }, { subscribers: 2, tamper: 0.2 })),
    );
    const observer = {
      ...SILENT,
      step: (text: string) => {
        if (!text.startsWith('publishing')) return;
        for (const file of keyFiles()) {
          seenFiles.add(file);
          // Of a key in PEM a line that has some of it.
          const lines = readFileSync(file, 'utf8').trim().split('\n');
          if (!file.endsWith('.pub'))
            secrets.add(lines.at(lines.length > 3 ? 2 : lines.length > 1 ? 1 : 0) ?? '');
        }
        commands.add(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
      },
    };
    ({ results } = await measure(scenarioWith({ modes: ['plain'], links: [NULL_LINK], workloads }), folder, {
      observer,
    }));
  }, 300_000);

  it('has no false alarm, loses nothing and tells all that was altered', () => {
    expect(results.complete).toBe(true);
    expect(results.cells).toHaveLength(2 * METHOD_NAMES.length);
    for (const cell of results.cells) {
      const { tampered = {}, verdicts, falseAlarms, receivers, place } = protectionOf(cell);
      const altered = Object.values(tampered).reduce((sum, { injected }) => sum + injected, 0);
      const genuine = SENT - altered;
      expect([cell.id, falseAlarms]).toEqual([cell.id, 0]);
      expect([cell.id, verdicts.genuine]).toEqual([cell.id, genuine * receivers]);
      expect(cell.throughput).toMatchObject({ sent: SENT, received: genuine * 2, lost: 0 });
      expect(cell.samples).toMatchObject({ attempted: genuine * 2, ok: genuine * 2, failed: 0, reasons: {} });
      expect(receivers).toBe(place === 'end-to-end' ? 2 : 1);
      for (const kind of TAMPERINGS) {
        const { injected = 0, detected, taken } = tampered[kind] ?? {};
        expect([cell.id, kind, injected > 0, detected, taken]).toEqual([
          cell.id,
          kind,
          true,
          injected * receivers,
          0,
        ]);
      }
    }
  });

  it('says what it adds, and what an operation took', () => {
    for (const cell of results.cells) {
      const { method, addedBytes, protectP50Us = 0, openP50Us = 0 } = protectionOf(cell);
      expect([method, addedBytes]).toEqual([method, methodNamed(method).addedBytes(64)]);
      expect(protectP50Us).toBeGreaterThan(0);
      expect(openP50Us).toBeGreaterThan(0);
    }
    const of = (method: string) =>
      protectionOf(
        results.cells.find(({ workload }) => workload.endsWith(`=${method}`)) ?? ({} as CellResult),
      );
    expect(of('rsa-pss').protectP50Us ?? 0).toBeGreaterThan(of('hmac-sha256').protectP50Us ?? 0);
  });

  it('keeps its keys in the private folder while it runs, and nowhere else', async () => {
    expect(seenFiles.size).toBeGreaterThan(4 * METHOD_NAMES.length);
    expect(secrets.size).toBeGreaterThan(10);
    for (const file of seenFiles) expect([file, existsSync(file)]).toEqual([file, false]);
    const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    for (const secret of secrets)
      for (const text of [...kept, ...commands]) expect(text.includes(secret)).toBe(false);
    await expectNothingLeft();
  });
});

/** Files of payload keys in private folders of this process's runs. */
function keyFiles(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(`mqtt-tls-bench-${process.pid}-`))
    .map((name) => join(tmpdir(), name, 'payload'))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
}

test('two publisher processes protect in every family, and the run survives what is refused', async () => {
  const workload = (qos: 1 | 2, place: Protection['place']): PubsubWorkload =>
    load({ method: 'ed25519-aes-128-gcm', place }, { qos, workers: 2, tamper: 0.2 });
  const { results } = await measure(
    scenarioWith({
      // A process of its own listens for `tickets=false`.
      modes: ['tls13', 'mtls12', 'tls13+tickets=false'],
      links: [NULL_LINK],
      workloads: [workload(1, 'end-to-end'), workload(2, 'client-to-broker')],
    }),
    join(temporaryFolder(), 'run'),
  );
  expect(results.cells).toHaveLength(6);
  for (const cell of results.cells) {
    const { tampered = {}, falseAlarms } = protectionOf(cell);
    const altered = Object.values(tampered).reduce((sum, { injected }) => sum + injected, 0);
    expect(altered).toBeGreaterThan(3);
    expect(Object.values(tampered).map(({ detected }) => detected)).toEqual(
      Object.values(tampered).map(({ injected }) => injected),
    );
    expect(falseAlarms).toBe(0);
    expect(cell.throughput).toMatchObject({ sent: SENT, received: SENT - altered, lost: 0 });
  }
});

const hasMosquitto = await hasTools('mosquitto');
test.skipIf(!hasMosquitto)(
  'mosquitto carries what is protected end to end, and is left out where it would have to open it',
  async () => {
    const workloads = [undefined, ...PLACES].map((place) =>
      load(place && { method: 'chacha20-poly1305', place }),
    );
    const { results } = await measure(
      scenarioWith({
        modes: ['plain'],
        links: [NULL_LINK],
        brokers: [AEDES, brokerOf('mosquitto')],
        workloads,
      }),
      join(temporaryFolder(), 'run'),
    );
    expect(results.cells.map(({ id }) => id)).toEqual([
      'plain/null/aedes/direct/pubsub',
      'plain/null/mosquitto/direct/pubsub',
      'plain/null/aedes/direct/pubsub+protection=chacha20-poly1305',
      'plain/null/mosquitto/direct/pubsub+protection=chacha20-poly1305',
      'plain/null/aedes/direct/pubsub+protection=chacha20-poly1305@client-to-broker',
    ]);
    for (const { id, throughput } of results.cells)
      expect([id, throughput?.received, throughput?.lost]).toEqual([id, SENT, 0]);
    expect(results.unsupported).toMatchObject([
      {
        mode: 'plain',
        broker: 'mosquitto',
        workload: expect.stringContaining('client-to-broker') as unknown,
      },
    ]);
  },
);

const installed = await installedRuntimes();
test.skipIf(!installed.has('bun'))(
  'what a runtime’s crypto does not have is left out, and named',
  async () => {
    const workloads = ['aes-128-gcm', 'chacha20-poly1305'].map((method) =>
      load({ method, place: 'end-to-end' }),
    );
    const { results } = await measure(
      scenarioWith({ modes: ['plain+clientRuntime=bun'], links: [NULL_LINK], workloads }),
      join(temporaryFolder(), 'run'),
    );
    expect(results.cells.map(({ workload, throughput }) => [workload, throughput?.lost])).toEqual([
      ['pubsub+protection=aes-128-gcm', 0],
    ]);
    expect(results.unsupported).toMatchObject([
      {
        mode: 'plain+clientRuntime=bun',
        workload: 'pubsub+protection=chacha20-poly1305',
        reason: expect.stringContaining('does not have chacha20-poly1305') as unknown,
      },
    ]);
  },
);
