import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { execa } from 'execa';
import { environmentError } from '../errors.ts';
import { programProtocol } from './program.protocol.ts';
import { groupUsage } from './group-usage.ts';
import { serve } from './serve.ts';

const OUTPUT_KEPT = 4000;
const TRY_EVERY_MS = 20;

interface Running {
  ended: Promise<unknown>;
  pid: number;
  over: boolean;
}

let running: Running | undefined;
let output = '';

// A program that knows nothing of the bench would outlive it; its keeper does not let it.
serve(
  programProtocol,
  ({ emit }) => ({
    freePorts: ({ host, count }) => freePorts(host, count),
    checkPorts: async ({ host, ports }) => {
      for (const port of ports) await checkPort(host, port);
    },
    start: ({ command, env, folder }) => start(command, env, folder, emit),
    waitForPort: async ({ host, port, withinMs }) => waitForPort(host, port, withinMs),
    programUsage: () => (running === undefined ? { cpuSeconds: 0, maxRssBytes: 0 } : groupUsage(running.pid)),
    output: () => output.trim(),
    end: ({ withinMs }) => end(withinMs),
  }),
  () => killGroup('SIGKILL'),
);

async function start(
  command: readonly string[],
  env: Record<string, string>,
  folder: string | undefined,
  emit: (event: { kind: 'ended'; how: string; output: string }) => void,
): Promise<{ pid: number }> {
  const [file = '', ...args] = command;
  const subprocess = execa(file, args, {
    env,
    ...(folder === undefined ? {} : { cwd: folder }),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // In a group of its own: what it starts is ended with it.
    detached: true,
  });
  for (const stream of [subprocess.stdout, subprocess.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  const { pid } = subprocess;
  if (pid === undefined) {
    const { shortMessage } = await subprocess;
    throw environmentError(`'${file}' cannot be started: ${shortMessage}`);
  }
  const own: Running = { ended: subprocess, pid, over: false };
  running = own;
  void subprocess.then((result) => {
    own.over = true;
    emit({ kind: 'ended', how: result.signal ?? `exit code ${result.exitCode}`, output: output.trim() });
  });
  return { pid };
}

async function waitForPort(host: string, port: number, withinMs: number): Promise<void> {
  const giveUp = performance.now() + withinMs;
  const isOver = (): boolean => running?.over ?? true;
  while (!isOver() && performance.now() < giveUp) {
    if (await accepts(host, port)) return;
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
  }
  const why = isOver() ? 'it ended before' : `it did not accept a connection within ${withinMs / 1000} s`;
  throw environmentError(`Nothing listens on port ${port}: ${why}${said()}`);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** All are open at one time, so that no two are the same. */
async function freePorts(host: string, count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await once(server.listen(0, host), 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw environmentError(
        `Port ${port} of ${host} is in use`,
        'End what listens there, or let the bench choose a free port.',
      );
    if (code === 'EACCES')
      throw environmentError(
        `Port ${port} of ${host} needs rights that this user does not have`,
        'Choose one above 1023, or let the bench choose a free port.',
      );
    throw environmentError(`Nothing can listen on port ${port} of ${host}: ${message}`);
  }
  await once(server.close(), 'close');
}

async function end(withinMs: number): Promise<void> {
  if (running === undefined) return;
  killGroup('SIGTERM');
  const kill = setTimeout(() => killGroup('SIGKILL'), withinMs);
  await running.ended;
  clearTimeout(kill);
  // What its children leave running is ended too.
  killGroup('SIGKILL');
}

function killGroup(signal: NodeJS.Signals): void {
  if (running === undefined) return;
  try {
    process.kill(-running.pid, signal);
  } catch {
    // The whole group has ended.
  }
}

function said(): string {
  const text = output.trim();
  return text === '' ? '' : `:\n${text}`;
}
