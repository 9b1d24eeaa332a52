import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { getCiphers } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { BenchError, messageOf } from '../errors.ts';
import { BROKERS } from '../broker/index.ts';
import type { BrokerKind } from '../broker/broker.ts';
import { describeEnvironment } from '../lab/environment.ts';
import { checkLimits, fileLimit } from '../lab/limits.ts';
import type { LinkBackend } from '../link/backend.ts';
import { BACKENDS, chooseBackend } from '../link/backends.ts';
import { nowUs } from '../measure/clock.ts';
import { defaultSuite } from '../modes/suites.ts';
import { toolLack, TOOLS } from '../process/tools.ts';
import { RUNTIMES } from '../runtimes/index.ts';
import { locateRuntime } from '../runtimes/locate.ts';
import { loadScenario } from '../scenario/load.ts';
import { makePlan } from '../scenario/plan.ts';

/** One thing that was looked at. `bad`: the reference case cannot run. `note`: it can, and a reader should know. */
export interface Check {
  name: string;
  status: 'good' | 'note' | 'bad';
  detail: string;
  /** What would mend it. */
  mend?: string;
}

/** The same folder seen from src/commands and from dist/commands. */
const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));

/** Clocks that tick more coarsely would show in the figures, which are told to 0.01 ms. */
const COARSE_CLOCK_US = 10;

/** Looks at everything that the reference case needs, by trying it. */
export async function checkUp(): Promise<Check[]> {
  const backends = await Promise.all(BACKENDS.map(checkBackend));
  return [
    checkNode(),
    checkTls(),
    checkMachine(),
    await checkClock(),
    await checkLoopback(),
    await checkTemporaryFolder(),
    ...backends,
    await checkRuntimes(),
    await checkBrokers(),
    await checkTopologies(),
    ...(await checkReference()),
  ];
}

function checkNode(): Check {
  const { node, nodePath } = describeEnvironment();
  const detail = `${node}, ${nodePath}`;
  if (nodePath === 'pinned by the lockfile') return { name: 'Node', status: 'good', detail };
  return {
    name: 'Node',
    status: 'note',
    detail: `${detail}: the figures depend on the TLS stack in it`,
    mend: 'To use the pinned one: `npm ci`, then start with `npm run -s bench -- …`.',
  };
}

function checkTls(): Check {
  const has = new Set(getCiphers());
  const needed = [
    defaultSuite('TLSv1.3', 'any'),
    defaultSuite('TLSv1.2', 'ecdsa'),
    defaultSuite('TLSv1.2', 'psk'),
  ];
  const lacking = needed.map(({ openssl }) => openssl).filter((suite) => !has.has(suite.toLowerCase()));
  const name = 'OpenSSL';
  if (lacking.length === 0) return { name, status: 'good', detail: process.versions.openssl };
  return {
    name,
    status: 'bad',
    detail: `${process.versions.openssl} lacks ${lacking.join(', ')}`,
    mend: 'Use the Node that the lockfile pins: `npm ci`, then `npm run -s bench -- …`.',
  };
}

function checkMachine(): Check {
  const { system, arch, cpu } = describeEnvironment();
  const cores = availableParallelism();
  const detail = `${system}, ${arch}, ${cores} × ${cpu}`;
  const name = 'Machine';
  if (cores > 1) return { name, status: 'good', detail };
  return {
    name,
    status: 'note',
    detail: `${detail}: clients, link and broker share one core, so more samples are disturbed`,
  };
}

async function checkClock(): Promise<Check> {
  const source = await readFile(
    '/sys/devices/system/clocksource/clocksource0/current_clocksource',
    'utf8',
  ).catch(() => 'monotonic');
  const stepUs = clockStepUs();
  const detail = `${source.trim()}, steps of ${stepUs.toFixed(2)} µs`;
  if (stepUs <= COARSE_CLOCK_US) return { name: 'Clock', status: 'good', detail };
  return { name: 'Clock', status: 'note', detail: `${detail}: too coarse for the last digit of the figures` };
}

/** The smallest step that the clock was seen to make. */
function clockStepUs(): number {
  let smallest = Infinity;
  let last = nowUs();
  for (let steps = 0; steps < 1000;) {
    const now = nowUs();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    steps++;
  }
  return smallest;
}

async function checkLoopback(): Promise<Check> {
  const server = createServer();
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { name: 'Loopback', status: 'good', detail: 'listens on 127.0.0.1' };
  } catch (error) {
    return {
      name: 'Loopback',
      status: 'bad',
      detail: messageOf(error),
      mend: 'Bring the loopback interface up: `ip link set lo up`.',
    };
  } finally {
    server.close();
  }
}

async function checkTemporaryFolder(): Promise<Check> {
  const name = 'Temporary folder';
  try {
    await access(tmpdir(), constants.W_OK | constants.X_OK);
    return { name, status: 'good', detail: tmpdir() };
  } catch (error) {
    return {
      name,
      status: 'bad',
      detail: messageOf(error),
      mend: 'Point TMPDIR at a folder that can be written.',
    };
  }
}

async function checkBackend(backend: LinkBackend): Promise<Check> {
  const name = `Backend ${backend.name}`;
  const found = await backend.probe();
  if (found.available) return { name, status: 'good', detail: found.detail };
  // Whether the reference case needs it is asked below.
  return { name, status: 'note', detail: found.reason, mend: found.mend };
}

/** Other TLS stacks, which only scenarios that ask for them need. */
async function checkRuntimes(): Promise<Check> {
  const name = 'Other runtimes';
  const others = RUNTIMES.filter(({ packages }) => packages !== undefined);
  const located = await Promise.all(others.map(locateRuntime));
  const lacks = located.flatMap((found) => ('lack' in found ? found.lack : []));
  if (lacks.length === 0)
    return { name, status: 'good', detail: others.map((other) => other.name).join(', ') };
  return {
    name,
    status: 'note',
    detail: `${lacks.length} of ${others.length} are not here, and modes with \`clientRuntime\` may want them: ${lacks.map((lack) => lack.replace(/:.*$/, '')).join('; ')}`,
    mend: 'From a checkout: `npm ci --prefix runtimes`.',
  };
}

/** Brokers that are not the bench's own, which only scenarios that ask for them need: their versions, or what brings them. */
async function checkBrokers(): Promise<Check> {
  const name = 'Brokers';
  const kinds: readonly BrokerKind[] = BROKERS;
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const lack = await kind.lack();
      return { lack, has: lack === undefined ? ((await kind.version?.()) ?? kind.name) : undefined };
    }),
  );
  const lacks = found.flatMap(({ lack }) => lack ?? []);
  const detail = found.map(({ lack, has }) => has ?? lack?.replace(/;.*$/, '')).join(', ');
  if (lacks.length === 0) return { name, status: 'good', detail };
  const packages = lacks.map((lack) => /apt-get install (\S+)/.exec(lack)?.[1] ?? lack);
  return { name, status: 'note', detail, mend: installing(packages) };
}

/** What hops, tunnels and firewalls are made of, which only scenarios that ask for them need. */
async function checkTopologies(): Promise<Check> {
  const name = 'Topologies';
  const tools = TOOLS.filter((tool) => tool.for === 'topologies');
  const found = await Promise.all(
    tools.map(async (tool) => ({ ...tool, lack: await toolLack(tool.command) })),
  );
  const missing = found.filter(({ lack }) => lack !== undefined);
  const detail = found.map(({ command, lack }) => lack?.replace(/;.*$/, '') ?? command).join(', ');
  if (missing.length === 0) return { name, status: 'good', detail };
  return { name, status: 'note', detail, mend: installing(missing.map((tool) => tool.package)) };
}

function installing(packages: readonly string[]): string {
  return `For scenarios that ask for them, on Debian and Ubuntu: \`apt-get install ${packages.join(' ')}\`.`;
}

async function checkReference(): Promise<Check[]> {
  const plan = makePlan(await loadScenario(REFERENCE));
  const limit = await fileLimit();
  return [
    await attempt('Open files', async () => {
      await checkLimits(plan);
      return limit === undefined ? 'no limit that the system tells' : `up to ${limit} in a process`;
    }),
    await attempt('Reference case', async () => {
      const { backend } = await chooseBackend('auto', plan.scenario.links);
      return `${plan.cells.length} cells over the ${backend.name} backend`;
    }),
  ];
}

async function attempt(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, status: 'good', detail: await look() };
  } catch (error) {
    const mend = error instanceof BenchError ? error.mend : undefined;
    return { name, status: 'bad', detail: messageOf(error), ...(mend === undefined ? {} : { mend }) };
  }
}
