import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BenchError } from '../../src/errors.ts';
import { wardenProtocol } from '../../src/lab/warden.protocol.ts';
import { startChild, type Child } from '../../src/process/child.ts';
import { childrenOf, isRunning, until } from '../helpers/processes.ts';
import { echoProtocol } from './fixtures/echo.protocol.ts';

const module = new URL('./fixtures/echo.child.ts', import.meta.url);

interface Started {
  child: Child<typeof echoProtocol>;
  told: string[];
  crashes: BenchError[];
}

async function startEcho(onCrash: () => void = () => {}): Promise<Started> {
  const told: string[] = [];
  const crashes: BenchError[] = [];
  const child = await startChild(echoProtocol, {
    module,
    onEvent: (event) => told.push(event.told),
    onCrash: (error) => {
      crashes.push(error);
      onCrash();
    },
  });
  onTestFinished(() => child.stop());
  return { child, told, crashes };
}

it('finds the programs of daemons too, which a user’s PATH need not name', async () => {
  vi.stubEnv('PATH', '/usr/bin:/bin');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { child } = await startEcho();
  const environment = (await readFile(`/proc/${child.pid}/environ`, 'utf8')).split('\0');
  expect(environment).toContain('PATH=/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin');
});

describe('calls', () => {
  it('are answered, also many at once', async () => {
    const { child } = await startEcho();
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    expect(await Promise.all(texts.map((text) => child.call('echo', { text })))).toEqual(texts);
  });

  it('with params that break the protocol are an error to the caller, and the child goes on', async () => {
    const { child, crashes } = await startEcho();
    await expect(child.call('echo', { text: 42 as never })).rejects.toThrow(/expected string/);
    await expect(child.call('echo', { text: 'a', more: 1 } as never)).rejects.toThrow(/[Uu]nrecognized key/);
    await expect(child.call('shout' as never, null as never)).rejects.toThrow(/no call 'shout'/);
    expect(await child.call('echo', { text: 'still here' })).toBe('still here');
    expect(crashes).toEqual([]);
  });

  it('whose result breaks the protocol are an error to the caller', async () => {
    const { child } = await startEcho();
    await expect(child.call('breakResult', null)).rejects.toThrow(/expected string/);
  });

  it('carry an error for the user over as it is, and a defect with its stack', async () => {
    const { child } = await startEcho();
    await expect(child.call('fail', { exitCode: 5 })).rejects.toMatchObject({
      name: 'BenchError',
      exitCode: 5,
      message: 'the machine lacks a thing',
      mend: 'Get the thing.',
    });
    await expect(child.call('fail', {})).rejects.toThrow(/In the echo process: TypeError: a defect\n.*at /s);
  });

  it('in flight are rejected when the child dies, and later ones too', async () => {
    let afterDeath: Promise<unknown> | undefined;
    const { child, crashes } = await startEcho(() => {
      afterDeath = child.usage();
      afterDeath.catch(() => {});
    });
    const waiting = child.call('wait', null);
    waiting.catch(() => {});
    await expect(child.call('exit', { code: 3 })).rejects.toThrow(/exit code 3.*going down/s);
    await expect(waiting).rejects.toThrow(/exit code 3/);
    await expect(afterDeath).rejects.toThrow(/echo process/);
    await expect(child.call('echo', { text: 'anyone?' })).rejects.toMatchObject({ name: 'BenchError' });
    expect(crashes).toHaveLength(1);
    expect(crashes[0]).toMatchObject({ name: 'BenchError', exitCode: 1 });
  });
});

describe('events', () => {
  it('reach the parent in order, before the answer of the call that made them', async () => {
    const { child, told } = await startEcho();
    await child.call('tell', { text: 'one' });
    await child.call('tell', { text: 'two' });
    expect(told).toEqual(['one', 'two']);
  });

  it('that break the protocol kill the child and are told as a crash', async () => {
    const { child, told, crashes } = await startEcho();
    await child.call('breakEvent', null).catch(() => {});
    await until('the crash is told', () => crashes.length > 0);
    expect(crashes[0]?.message).toMatch(/echo process ended \(it broke its protocol: .*expected string/s);
    expect(told).toEqual([]);
    expect(isRunning(child.pid)).toBe(false);
  });
});

describe('a child', () => {
  it('that dies at its start is an error with what it wrote', async () => {
    const start = startChild(echoProtocol, { module: new URL('./fixtures/dies.child.ts', import.meta.url) });
    await expect(start).rejects.toMatchObject({
      name: 'BenchError',
      message: expect.stringMatching(/exit code 7.*no such thing as a start/s) as unknown,
    });
  });

  it('whose module or command does not exist is an error', async () => {
    const missing = startChild(echoProtocol, { module: new URL('./missing.child.ts', import.meta.url) });
    await expect(missing).rejects.toThrow(/Cannot find module/);
    const prefixed = startChild(echoProtocol, { module, prefix: ['no-such-command-anywhere'] });
    await expect(prefixed).rejects.toThrow(/echo process ended \(.*no-such-command-anywhere/s);
  });

  it('is stopped without a crash, also twice', async () => {
    const { child, crashes } = await startEcho();
    const waiting = child.call('wait', null);
    waiting.catch(() => {});
    const startMs = performance.now();
    await Promise.all([child.stop(), child.stop()]);
    expect(performance.now() - startMs).toBeLessThan(1500);
    expect(isRunning(child.pid)).toBe(false);
    await expect(waiting).rejects.toThrow(/echo process ended/);
    expect(crashes).toEqual([]);
  });

  it('that hangs is stopped all the same', async () => {
    const { child, crashes } = await startEcho();
    child.call('block', { ms: Infinity }).catch(() => {});
    // A second call can't be answered: it really hangs.
    const answered = await Promise.race([
      child.call('echo', { text: 'busy?' }).then(
        () => true,
        () => true,
      ),
      new Promise((resolve) => setTimeout(resolve, 200, false)),
    ]);
    expect(answered).toBe(false);
    const startMs = performance.now();
    await child.stop();
    expect(performance.now() - startMs).toBeLessThan(3500);
    expect(isRunning(child.pid)).toBe(false);
    expect(crashes).toEqual([]);
  });

  it('that is never ready is an error in time, and gone', async () => {
    const before = (await childrenOf(process.pid)).length;
    const startMs = performance.now();
    const start = startChild(echoProtocol, {
      module: new URL('./fixtures/never-ready.child.ts', import.meta.url),
      readyWithinMs: 700,
    });
    await expect(start).rejects.toMatchObject({
      name: 'BenchError',
      message: expect.stringMatching(/echo process ended \(it was not ready within 700 ms\)/) as unknown,
    });
    expect(performance.now() - startMs).toBeGreaterThan(650);
    expect(await childrenOf(process.pid)).toHaveLength(before);
  });

  it.each(['idle', 'busy'])('ends when its parent is killed, also while it is %s', async (state) => {
    const script = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url));
    const parent = execa(process.execPath, [script, state], { reject: false });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await parent;
    await until('the child is gone', () => !isRunning(pid), 8000);
  });

  it('leaves Ctrl-C and a termination of the whole group to its parent', async () => {
    const { child, crashes } = await startEcho();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(child.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await child.call('echo', { text: 'not I' })).toBe('not I');
    expect(crashes).toEqual([]);
  });

  it('does not inherit NODE_OPTIONS, which could change the TLS under test', async () => {
    const before = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = '--tls-max-v1.2';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    });
    const { child } = await startEcho();
    expect(await child.call('environment', { name: 'NODE_OPTIONS' })).toBe('');
  });

  it('says what it uses, and how its event loop stalled', async () => {
    const { child } = await startEcho();
    await child.resetUsage();
    const before = await child.usage();
    await child.call('block', { ms: 200 });
    const after = await child.usage();
    expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThan(0.005);
    expect(after.maxRssBytes).toBeGreaterThan(20e6);
    expect(after.maxRssBytes).toBeLessThan(1e9);
    const longestUs = Math.max(...after.stalls.map(({ fromUs, toUs }) => toUs - fromUs));
    expect(longestUs).toBeGreaterThan(195_000);
    await child.resetUsage();
    const fresh = await child.usage();
    expect(Math.max(0, ...fresh.stalls.map(({ fromUs, toUs }) => toUs - fromUs))).toBeLessThan(195_000);
  });

  it('is not woken to watch its event loop where nothing that it does is timed', async () => {
    const warden = await startChild(wardenProtocol, {
      module: new URL('../../src/lab/warden.child.ts', import.meta.url),
    });
    onTestFinished(() => warden.stop());
    const { child } = await startEcho();
    expect((await child.usage()).loopDelayP99Ms).toBeTypeOf('number');
    expect(await warden.usage()).not.toHaveProperty('loopDelayP99Ms');
  });
});
