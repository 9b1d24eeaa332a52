import { expect } from 'vitest';
import { tunBackend } from '../../src/link/tun.ts';

/** Whether tun devices work here. CI must have them; elsewhere the tests that need one are skipped, and say so. */
export async function hasTun(): Promise<boolean> {
  const found = await tunBackend.probe();
  if (found.available) return true;
  process.stderr.write(`SKIPPED, no TUN here: ${found.reason}. ${found.mend}\n`);
  if (process.env['CI'] === 'true') expect.fail(`CI needs the TUN backend: ${found.reason}`);
  return false;
}
