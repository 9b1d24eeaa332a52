import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder of the running test's own, gone when it ends. */
export function temporaryFolder(): string {
  const folder = make();
  onTestFinished(() => remove(folder));
  return folder;
}

/** Call at the top of a test file: answers a maker of folders that several of its tests share, gone after the last. */
export function sharedFolders(): () => string {
  const made: string[] = [];
  afterAll(() => made.forEach(remove));
  return () => {
    const folder = make();
    made.push(folder);
    return folder;
  };
}

function make(): string {
  return mkdtempSync(join(tmpdir(), 'bench-test-'));
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
