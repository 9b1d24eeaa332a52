import { messageOf } from '../errors.ts';
import { KeySet } from './generate.ts';
import type { Method } from './method.ts';
import { ReplayState } from './replay.ts';

const SENDER = 0;

/**
 * What keeps a method from working in this process: tried, not looked up, since runtimes differ in what their crypto has
 * (Bun 1.4 has no ChaCha20-Poly1305). Undefined when it works.
 */
export async function lackOf(method: Method): Promise<string | undefined> {
  try {
    const keys = await KeySet.generate(method.needs, [SENDER]);
    const bytes = method.protect('t', Buffer.from('tried'), keys.publisher(SENDER), 0);
    const { verdict } = method.open('t', bytes, keys.ring, new ReplayState());
    return verdict === 'genuine' ? undefined : `what it protects is told as ${verdict}`;
  } catch (error) {
    return messageOf(error);
  }
}
