import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import { isRunning, until } from '../helpers/processes.ts';
import { dial, listen, openProxy } from './harness.ts';

const LINK = resolveLink({ oneWayMs: 10 });

describe('the proxy process', () => {
  it('ends when its parent is killed', async () => {
    const fixture = fileURLToPath(new URL('./open-proxy.fixture.ts', import.meta.url));
    const parent = execa(process.execPath, [fixture], { reject: false });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await parent;
    await until('the proxy is gone', () => !isRunning(pid));
  });

  it('ends when its link is closed, also twice', async () => {
    const { link, crashes } = await openProxy();
    const pid = link.children[0]?.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    await Promise.all([link.close(), link.close()]);
    expect(isRunning(pid)).toBe(false);
    expect(crashes).toEqual([]);
  });

  it('tells once when it was killed, takes its connections with it, and can still be closed', async () => {
    const { link, crashes } = await openProxy();
    const { server, target } = await listen((socket) => socket.on('error', () => {}).resume());
    const client = dial(await link.route(LINK, target));
    await once(client, 'connect');
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => {}).end();
    process.kill(link.children[0]?.pid ?? 0, 'SIGKILL');
    await closed;
    await until('the crash is told', () => crashes.length > 0);
    await expect(link.route(LINK, target)).rejects.toThrow(/link proxy process/);
    await link.close();
    expect(crashes).toHaveLength(1);
    expect(crashes[0]?.message).toContain('SIGKILL');
    server.close();
  });

  it('refuses what it cannot do, with exit code 5', async () => {
    const { link } = await openProxy();
    const route = link.route(resolveLink({ oneWayMs: 420, jitterMs: 150, reorder: 0.01, duplicate: 0.01 }), {
      host: '127.0.0.1',
      port: 9,
    });
    await expect(route).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(
        /'proxy' .*: its packets keep their order; it has no duplicates/,
      ) as unknown,
    });
    await link.close();
  });
});
