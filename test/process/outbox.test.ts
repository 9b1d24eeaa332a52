import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/process/outbox.ts';

describe('Outbox', () => {
  it('hands items on together, in order, a moment after the first', async () => {
    const batches: number[][] = [];
    const outbox = new Outbox<number>((items) => batches.push(items));
    outbox.add(1);
    outbox.add(2);
    await sleep(20);
    outbox.add(3);
    expect(batches).toEqual([]);
    await sleep(200);
    expect(batches).toEqual([[1, 2, 3]]);
    outbox.add(4);
    await sleep(200);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('hands on at once when flushed, and nothing when empty', async () => {
    const batches: number[][] = [];
    const outbox = new Outbox<number>((items) => batches.push(items));
    outbox.flush();
    outbox.add(1);
    outbox.flush();
    outbox.flush();
    expect(batches).toEqual([[1]]);
    await sleep(200);
    expect(batches).toEqual([[1]]);
  });

  it('keeps what is added while it hands on', () => {
    const batches: number[][] = [];
    const outbox: Outbox<number> = new Outbox((items) => {
      batches.push(items);
      if (batches.length === 1) outbox.add(2);
    });
    outbox.add(1);
    outbox.flush();
    outbox.flush();
    expect(batches).toEqual([[1], [2]]);
  });
});
