import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { LinkBackend, OpenLink } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { seededRandom } from '../../src/scenario/random.ts';
import { startCli } from './cli.ts';
import { lookout, type Lookout, type Traces } from './leftovers.ts';

/** What was left after some disturbances. */
export interface Proof {
  count: number;
  /** What was still there after {@link GRACE_MS}. */
  leftovers: string[];
  /** How long it took at the most until nothing was left. */
  slowestMs: number;
  /** The most that was seen at one time before: what there was to be cleaned up. */
  seen: Traces;
}

/** How long orphans may take to notice and go. */
const GRACE_MS = 5000;
const LOOK_MS = 10;

/** A run of some seconds that goes through every stage. */
const SCENARIO = `name: to-be-killed
question: What is left of it?
modes: [plain, mtls13]
links: [{ oneWayMs: 5 }, null]
broker: { name: aedes, access: { delayMs: 5 } }
workload: { kind: handshake, connectionsPerSecond: 100 }
rounds: 25
warmupRounds: 1
`;

/** What a run says when a stage begins, and how far into the stage a kill may come. */
export const STAGES = [
  { name: 'calibration', says: 'calibrating', withinMs: 600 },
  { name: 'run', says: 'measuring', withinMs: 800 },
  { name: 'start', says: '', withinMs: 500 },
  { name: 'write', says: 'stopping', withinMs: 500 },
  { name: 'link', says: 'opening the link', withinMs: 300 },
  { name: 'brokers', says: 'starting brokers', withinMs: 400 },
] as const;

/** Opens a link, leads one connection over it and closes it, again and again. */
export async function proveCycles(backend: LinkBackend, count: number): Promise<Proof> {
  const proof = emptyProof();
  const before = { ...process.env };
  for (; proof.count < count; proof.count++) {
    const watch = await lookout();
    // Children inherit the environment; this process itself started without the mark.
    Object.assign(process.env, watch.env);
    try {
      const link = await backend.open({ onFlow: () => {}, onCrash: () => {} });
      await connectOnce(link);
      note(proof, watch);
      await link.close();
      await settle(proof, watch, `cycle ${proof.count + 1}`);
    } finally {
      for (const name of Object.keys(watch.env)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      await watch.end();
    }
  }
  return proof;
}

/** Kills the CLI itself (SIGKILL) at random moments of its stages, which follow from the seed. */
export async function proveKills(
  backend: string,
  count: number,
  seed: number,
  yaml = SCENARIO,
): Promise<Proof & { byStage: Record<string, number> }> {
  const random = seededRandom(seed);
  const proof = { ...emptyProof(), byStage: {} as Record<string, number> };
  const folder = await mkdtemp(join(tmpdir(), 'to-be-killed-'));
  try {
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, yaml);
    for (let attempt = 0; proof.count < count; attempt++) {
      if (attempt > 2 * count)
        throw new Error(`Only ${proof.count} of ${attempt} runs were still alive to be killed`);
      const stage = STAGES[proof.count % STAGES.length] ?? STAGES[0];
      const watch = await lookout();
      try {
        const options = [
          '--backend',
          backend,
          '--allow-uncalibrated',
          '--out',
          join(folder, `run-${attempt}`),
        ];
        const run = startCli(['run', scenario, ...options], { cwd: folder, env: watch.env });
        await heardOrEnded(run, stage.says);
        await Promise.race([run, sleep(random.next() * stage.withinMs)]);
        note(proof, watch);
        run.kill('SIGKILL');
        // A run that had ended by itself proves nothing.
        if ((await run).signal !== 'SIGKILL') continue;
        await settle(proof, watch, `${backend} killed at ${stage.name}`);
        proof.count++;
        proof.byStage[stage.name] = (proof.byStage[stage.name] ?? 0) + 1;
      } finally {
        await watch.end();
      }
    }
    return proof;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function emptyProof(): Proof {
  return {
    count: 0,
    leftovers: [],
    slowestMs: 0,
    seen: { processes: 0, namespaces: 0, temporaryFiles: 0 },
  };
}

function note({ seen }: Proof, watch: Lookout): void {
  const now = watch.look();
  for (const key of ['processes', 'namespaces', 'temporaryFiles'] as const)
    seen[key] = Math.max(seen[key], now[key]);
}

/** Waits until nothing is left, or notes what is after the grace. */
async function settle(proof: Proof, watch: Lookout, what: string): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const left = await watch.leftovers();
    const tookMs = performance.now() - startMs;
    if (left.length === 0 || tookMs > GRACE_MS) {
      proof.slowestMs = Math.max(proof.slowestMs, tookMs);
      proof.leftovers.push(...left.map((one) => `${what}: ${one}`));
      return;
    }
    await sleep(LOOK_MS);
  }
}

/** Listens behind an open link and connects over it, on its own sides of it. */
async function connectOnce(link: OpenLink): Promise<void> {
  const script = fileURLToPath(new URL('../lab/fixtures/one-connection.ts', import.meta.url));
  const [command, ...args] = [...link.prefix.broker, process.execPath, script, link.brokerHost];
  const peer = execa(command, args, { timeout: 20_000, stdin: 'pipe' });
  const [port] = (await Promise.race([once(peer.stdout, 'data'), peer.then(() => [''])])) as [
    Buffer | string,
  ];
  const target = { host: link.brokerHost, port: Number(port.toString()) };
  const { host, port: entrance } = await link.route(resolveLink({ oneWayMs: 2 }), target);
  peer.stdin.write(`${JSON.stringify({ host, port: entrance })}\n`);
  await peer;
}

async function heardOrEnded(run: ReturnType<typeof startCli>, text: string): Promise<void> {
  if (text === '') return;
  let said = '';
  await new Promise<void>((resolve) => {
    run.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes(text)) resolve();
    });
    run.stderr.once('end', resolve);
  });
}
