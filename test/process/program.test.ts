import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BenchError } from '../../src/errors.ts';
import { openProgram, ProgramEndedError, type Program } from '../../src/process/program.ts';
import { alive, isRunning, until } from '../helpers/processes.ts';
import { freePort } from '../helpers/tcp.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const script = fileURLToPath(new URL('./fixtures/programs.ts', import.meta.url));
const at = (port: number) => [{ host: '127.0.0.1', port }];

async function open(): Promise<{ program: Program; crashes: BenchError[] }> {
  const crashes: BenchError[] = [];
  const program = await openProgram({
    name: 'kept',
    prefix: [],
    onCrash: (error) => crashes.push(error),
  });
  onTestFinished(() => program.stop());
  return { program, crashes };
}

const run = (what: string, port?: number, file?: string): string[] => [
  process.execPath,
  script,
  what,
  ...(port === undefined ? [] : [String(port)]),
  ...(file === undefined ? [] : [file]),
];

/** What the fixture `daemon` says of itself and of what it has started. */
async function family(file: string): Promise<number[]> {
  return JSON.parse(await readFile(file, 'utf8')) as number[];
}

describe('a program', () => {
  it('is ready when it listens, keeps the end of what it said, and tells what it uses', async () => {
    const { program, crashes } = await open();
    const [port = 0] = await program.freePorts('127.0.0.1', 1);
    await program.start({ command: run('listen', port), ready: at(port), says: 'listening' });
    const output = await program.output();
    expect(output).toMatch(/\.listening$/);
    expect(output.length).toBeLessThanOrEqual(4000);
    const usage = await program.usage();
    expect(usage.maxRssBytes).toBeGreaterThan(10e6);
    expect(usage.stalls).toEqual([]);
    await program.stop();
    expect(crashes).toEqual([]);
  });

  it('is given ports that are free, and no two alike', async () => {
    const { program } = await open();
    const ports = await program.freePorts('127.0.0.1', 20);
    expect(new Set(ports).size).toBe(20);
    const server = createServer();
    for (const port of ports) {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      await once(server.close(), 'close');
    }
  });

  it('that ends at its start is an error with exit code 5 and what it said', async () => {
    const { program, crashes } = await open();
    const start = program.start({ command: run('dies'), ready: at(await freePort()) });
    await expect(start).rejects.toBeInstanceOf(ProgramEndedError);
    await expect(start).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(
        /kept program ended before it was ready \(exit code 7\):\n[^]*no such thing as a configuration/,
      ) as unknown,
    });
    expect(crashes).toEqual([]);
  });

  it('that is not installed is an error with exit code 5', async () => {
    const { program } = await open();
    const start = program.start({ command: ['no-such-broker-anywhere'], ready: at(await freePort()) });
    await expect(start).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('no-such-broker-anywhere') as unknown,
    });
  });

  it.each([
    ['never listens', 'late', /did not accept a connection on port \d+: not within 0\.4 s/],
    ['listens and never says that it runs', 'mute', /did not say 'listening': not within 0\.4 s/],
  ])('that %s is an error in time', async (_, what, message) => {
    const { program } = await open();
    const port = await freePort();
    const start = program.start({
      command: run(what, port),
      ready: what === 'late' ? at(port) : [],
      says: 'listening',
      withinMs: 400,
    });
    await expect(start).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('is not taken for another that has its port', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { program } = await open();
    await expect(program.start({ command: run('listen', port), ready: at(port) })).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining(
        `127.0.0.1:${port} cannot be listened on: the port is in use`,
      ) as unknown,
      mend: expect.stringContaining('the bench then chooses a free one') as unknown,
    });
  });

  it('that dies later is told once, with how and what it said', async () => {
    const { program, crashes } = await open();
    const file = join(temporaryFolder(), 'pids');
    const port = await freePort();
    await program.start({ command: run('daemon', port, file), ready: at(port), says: 'listening' });
    const [pid = 0] = await family(file);
    process.kill(pid, 'SIGKILL');
    await until('its end is told', () => crashes.length > 0);
    expect(crashes.map(({ message }) => message)).toEqual([
      expect.stringMatching(/kept program ended \(SIGKILL\):\n[^]*listening/),
    ]);
    // It is not ours: no defect of the bench.
    expect(crashes[0]?.exitCode).toBe(5);
  });
});

describe('nothing is left of a program and what it started, daemons too,', () => {
  async function start(program: Program): Promise<number[]> {
    const file = join(temporaryFolder(), 'pids');
    const port = await freePort();
    await program.start({ command: run('daemon', port, file), ready: at(port), says: 'listening' });
    const pids = await family(file);
    expect(alive(pids)).toHaveLength(3);
    return pids;
  }

  it('when it is stopped, and that does not wait for pipes that a daemon holds open', async () => {
    const { program } = await open();
    const pids = await start(program);
    await program.stop();
    expect(alive(pids)).toEqual([]);
  });

  it('when it has died by itself', async () => {
    const { program } = await open();
    const pids = await start(program);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until('it is dead', () => !isRunning(pids[0] ?? 0));
    await program.stop();
    expect(alive(pids)).toEqual([]);
  });

  it('when it does not listen to SIGTERM', async () => {
    const { program } = await open();
    const port = await freePort();
    await program.start({ command: run('deaf', port), ready: at(port), says: 'listening' });
    await program.stop();
    await expect(program.output()).rejects.toThrow(/kept process/);
    const again = createServer();
    await once(again.listen(port, '127.0.0.1'), 'listening');
    again.close();
  });

  it.each([
    ['the bench is killed', (bench: number) => process.kill(bench, 'SIGKILL')],
    ['the whole process group of the bench is killed', (bench: number) => process.kill(-bench, 'SIGKILL')],
  ])('when %s', async (_, kill) => {
    const file = join(temporaryFolder(), 'pids');
    const parent = fileURLToPath(new URL('./fixtures/keeper-parent.ts', import.meta.url));
    const port = String(await freePort());
    const bench = execa(process.execPath, [parent, script, port, file], { reject: false, detached: true });
    const [line] = (await once(bench.stdout, 'data')) as [Buffer];
    const pids = [Number(line.toString()), ...(await family(file))];
    expect(alive(pids)).toHaveLength(4);
    kill(bench.pid ?? 0);
    await bench;
    await until('all are gone', () => alive(pids).length === 0, 8000);
  });

  it('but for its daemons when its keeper is killed, which nobody does', async () => {
    const { program, crashes } = await open();
    const pids = await start(program);
    onTestFinished(() => {
      for (const pid of alive(pids)) process.kill(pid, 'SIGKILL');
    });
    process.kill(program.pid, 'SIGKILL');
    await until('the program is gone', () => !isRunning(pids[0] ?? 0));
    await until('that is told', () => crashes.length === 1);
    expect(crashes[0]?.message).toMatch(/kept process ended \(SIGKILL\)/);
    expect(crashes[0]?.exitCode).toBe(1);
  });
});
