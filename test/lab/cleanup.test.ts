import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cleanup } from '../../src/lab/cleanup.ts';
import { makePrivateFolder } from '../../src/lab/private-folder.ts';
import { childrenOf } from '../helpers/processes.ts';

describe('Cleanup', () => {
  it('undoes everything once, last things first, whatever fails on the way', async () => {
    const cleanup = new Cleanup();
    const undone: string[] = [];
    cleanup.add(async () => void undone.push('first'));
    cleanup.add(() => Promise.reject(new Error('stuck')));
    cleanup.add(async () => void undone.push('last'));
    expect(await cleanup.run()).toEqual(['stuck']);
    expect(undone).toEqual(['last', 'first']);
    expect(await cleanup.run()).toEqual([]);
    expect(undone).toHaveLength(2);
  });
});

describe('the private folder of a run', () => {
  it('is the user’s alone, and goes with its cleanup, its warden too', async () => {
    const cleanup = new Cleanup();
    const folder = await makePrivateFolder(cleanup);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await writeFile(join(folder, 'a.key'), 'secret');
    expect(await cleanup.run()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    const commands = (await childrenOf(process.pid)).map(({ command }) => command);
    expect(commands.filter((command) => command.includes('warden'))).toEqual([]);
  });

  it('is left alone by other runs while its own goes on, and names like it that are not', async () => {
    const cleanup = new Cleanup();
    const folder = await makePrivateFolder(cleanup);
    const mine = join(tmpdir(), `mqtt-tls-bench-notes-${process.pid}`);
    await mkdir(mine);
    cleanup.add(() => rm(mine, { recursive: true }));
    const second = new Cleanup();
    await makePrivateFolder(second);
    expect(existsSync(folder)).toBe(true);
    expect(existsSync(mine)).toBe(true);
    await second.run();
    await cleanup.run();
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`bench-${process.pid}-`))).toEqual([]);
  });
});
