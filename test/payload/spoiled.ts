import { methodNamed } from '../../src/payload/index.ts';
import { KeyRing } from '../../src/payload/keys.ts';
import type { Method } from '../../src/payload/method.ts';

/** A method that is wrong in one way; what is tried for real must find out. */
export function spoiled(name: string, change: Partial<Method>): Method {
  return { ...methodNamed(name), ...change };
}

const hmac = methodNamed('hmac-sha256');
const KNOWN_TO_ALL = Buffer.alloc(32);

export const SPOILED = {
  /** What was sent to one topic opens on another. */
  withoutTopic: spoiled('hmac-sha256', {
    protect: (_topic, payload, keys, sequence) => hmac.protect('any', payload, keys, sequence),
    open: (_topic, bytes, keys, state) => hmac.open('any', bytes, keys, state),
  }),
  /** Its secret is always the same, so that whoever has the method has the key. */
  anyKey: spoiled('hmac-sha256', {
    protect: (topic, payload, keys, sequence) =>
      hmac.protect(topic, payload, { ...keys, secret: KNOWN_TO_ALL }, sequence),
    open: (topic, bytes, { all }, state) =>
      hmac.open(topic, bytes, new KeyRing(all.map((keys) => ({ ...keys, secret: KNOWN_TO_ALL }))), state),
  }),
  /** A MAC that is told to be a signature. */
  boastful: spoiled('hmac-sha256', { promises: methodNamed('ed25519').promises }),
  /** A signature that says less of itself than it does. */
  modest: spoiled('ed25519', { promises: hmac.promises }),
} satisfies Record<string, Method>;
