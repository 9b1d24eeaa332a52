import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { locateTool } from '../../src/process/tools.ts';
import { isRunning } from './processes.ts';

const MARK = 'MQTT_TLS_BENCH_LEFTOVERS';

/** What can be seen of a run while it goes on. */
export interface Traces {
  processes: number;
  namespaces: number;
  temporaryFiles: number;
}

/**
 * Tells what is left of processes that were started with `env`, and of what they started in turn: they inherit a mark
 * that stands in `/proc/PID/environ` whoever their parent becomes, and a temporary folder of their own.
 */
export interface Lookout {
  env: Record<string, string>;
  /** Looks while it goes on; the namespaces that are found are those to be gone later. */
  look(): Traces;
  /** What is there that was not there before, in words. */
  leftovers(): Promise<string[]>;
  end(): Promise<void>;
}

export async function lookout(): Promise<Lookout> {
  const mark = randomUUID();
  const folder = await mkdtemp(join(tmpdir(), 'lookout-'));
  const before = await hostState();
  const own = namespaceOf(process.pid);
  const namespaces = new Set<string>();
  return {
    env: { [MARK]: mark, TMPDIR: folder },
    look: () => {
      const pids = markedProcesses(mark);
      for (const pid of pids) {
        const namespace = namespaceOf(pid);
        if (namespace !== undefined && namespace !== own) namespaces.add(namespace);
      }
      return {
        processes: pids.length,
        namespaces: namespaces.size,
        temporaryFiles: readdirSync(folder).length,
      };
    },
    leftovers: async () => [
      ...markedProcesses(mark).map((pid) => `process ${pid}: ${commandOf(pid)}`),
      ...(await namespacesHere()).filter((one) => namespaces.has(one)).map((one) => `namespace ${one}`),
      ...readdirSync(folder).map((name) => `temporary file ${name}`),
      ...[...(await hostState())].filter((line) => !before.has(line)),
    ],
    end: async () => rm(folder, { recursive: true, force: true }),
  };
}

function markedProcesses(mark: string): number[] {
  return processIds().filter(
    (pid) => isRunning(pid) && textOf(`/proc/${pid}/environ`).includes(`${MARK}=${mark}`),
  );
}

/** The network namespaces that some process is in, that are mounted, or that util-linux knows of. */
async function namespacesHere(): Promise<string[]> {
  const lsns = await execa('lsns', ['--type', 'net', '--noheadings', '--raw', '--output', 'NS'], {
    reject: false,
  });
  return [
    ...processIds().map(namespaceOf),
    ...(textOf('/proc/self/mountinfo').match(/net:\[\d+\]/g) ?? []),
    ...(typeof lsns.stdout === 'string' ? lsns.stdout.split('\n').map((inode) => `net:[${inode}]`) : []),
  ].filter((one) => one !== undefined);
}

/** Network devices, queueing disciplines and packet filters of this namespace. */
async function hostState(): Promise<Set<string>> {
  const { stdout } = await execa('tc', ['qdisc', 'show'], { reject: false });
  return new Set([
    ...readdirSync('/sys/class/net').map((device) => `network device ${device}`),
    ...(typeof stdout === 'string' ? stdout.split('\n').map((line) => `queueing discipline ${line}`) : []),
    ...(await packetFilters()),
  ]);
}

/** The rules of nftables with the tables and chains that they are in; none where there is no nft, or it may not tell. */
async function packetFilters(): Promise<string[]> {
  const nft = await locateTool('nft');
  if (nft === undefined) return [];
  // Without the counters, which change.
  const { stdout } = await execa(nft, ['--stateless', 'list', 'ruleset'], { reject: false });
  return (stdout ?? '')
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : `packet filter ${line.trim()}`));
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function commandOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** A file of /proc; nothing when its process has just ended or is someone else's. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
