import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { displayOn } from '../../src/commands/progress.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A stream that keeps what is written to it; with `isTTY` it passes for a terminal. */
function streamWith(properties: { isTTY: boolean; columns?: number; rows?: number }): {
  stream: NodeJS.WriteStream;
  written: () => string;
} {
  const through = new PassThrough({ encoding: 'utf8' });
  let text = '';
  through.on('data', (chunk: string) => (text += chunk));
  return { stream: Object.assign(through, properties) as unknown as NodeJS.WriteStream, written: () => text };
}

/** A run of 1,000 connections in 12 s, of which one fails half-way. */
function playOn(stream: NodeJS.WriteStream): void {
  const display = displayOn(stream);
  display.step('making certificates');
  vi.advanceTimersByTime(300);
  display.step('measuring 1000 connections');
  for (let done = 0; done < 1000; done += 10) {
    display.progress({ done, total: 1000, failed: done > 500 ? 1 : 0, unit: 'connections' });
    vi.advanceTimersByTime(120);
  }
  display.warn('the machine was busy');
  display.progress({ done: 1000, total: 1000, failed: 1, unit: 'connections' });
  display.end('done');
}

test('where there is no terminal: plain lines, none too often', () => {
  const { stream, written } = streamWith({ isTTY: false });
  playOn(stream);
  expect(written()).toMatchInlineSnapshot(`
    "making certificates
    measuring 1000 connections
      42 %, 420/1,000 connections, 7 s left
      84 %, 840/1,000 connections, 1 failed, 2 s left
    warning: the machine was busy
      100 %, 1,000/1,000 connections, 1 failed
    "
  `);
});

test('on a terminal: one live line with a bar, and what is done stays above it', () => {
  const { stream, written } = streamWith({ isTTY: true, columns: 100, rows: 30 });
  playOn(stream);
  const text = stripVTControlCharacters(written());
  expect(text).toContain('✓ making certificates 0.3 s\n');
  expect(text).toContain('████████████░░░░░░░░░░░░ 50 %, 500/1,000 connections, 6 s left\n');
  expect(text).toContain('51 %, 510/1,000 connections, 1 failed, 6 s left\n');
  expect(text).toContain('! the machine was busy\n');
  expect(text).toContain('████████████████████████ 100 %, 1,000/1,000 connections, 1 failed\n');
  expect(text.trimEnd().endsWith('✓ measuring 1000 connections 12.0 s')).toBe(true);
});

test('on a terminal: the step at which a run failed is marked', () => {
  const { stream, written } = streamWith({ isTTY: true, columns: 100, rows: 30 });
  const display = displayOn(stream);
  display.step('calibrating the link');
  display.end('failed');
  expect(stripVTControlCharacters(written())).toContain('✗ calibrating the link 0.0 s\n');
});

test('a new phase has a pace of its own', () => {
  const { stream, written } = streamWith({ isTTY: false });
  const display = displayOn(stream);
  for (const total of [100, 20]) {
    for (let done = 0; done <= 10; done++) {
      display.progress({ done, total, failed: 0, unit: 'connections' });
      vi.advanceTimersByTime(1000);
    }
  }
  expect(written()).toContain('10 %, 10/100 connections, 90 s left\n');
  expect(written()).toContain('45 %, 9/20 connections, 11 s left\n');
});
