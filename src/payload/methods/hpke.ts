import { associatedData, type Recipe } from '../envelope.ts';
import { halfOf } from '../keys.ts';
import { TAG_BYTES } from '../primitives/aead.ts';
import { ENCAPSULATED_BYTES, openHpke, sealHpke, type HpkeKeys } from '../primitives/hpke.ts';

const INFO = Buffer.from('mqtt-tls-bench payload 1');

/** HPKE to a topic's key pair, one new encapsulated key for each message; in mode `auth` from a publisher's key pair. */
export function hpke(
  facts: Pick<Recipe, 'name' | 'id' | 'title' | 'sources' | 'promises'> & { mode: 'base' | 'auth' },
): Recipe {
  const { mode, ...rest } = facts;
  const keysOf = (keys: Parameters<typeof halfOf>[0]): HpkeKeys => ({
    recipient: halfOf(keys, 'recipient', 'x25519'),
    ...(mode === 'base' ? {} : { sender: halfOf(keys, 'author', 'x25519') }),
  });
  return {
    ...rest,
    needs: { recipient: 'x25519', ...(mode === 'base' ? {} : { author: 'x25519' }) },
    bodyBytes: (payloadBytes) => ENCAPSULATED_BYTES + payloadBytes + TAG_BYTES,
    seal: (context, payload, keys) => {
      const { encapsulated, sealed } = sealHpke(keysOf(keys), INFO, associatedData(context), payload);
      return Buffer.concat([encapsulated, sealed]);
    },
    unseal: (context, body, keys) =>
      openHpke(keysOf(keys), INFO, associatedData(context), {
        encapsulated: body.subarray(0, ENCAPSULATED_BYTES),
        sealed: body.subarray(ENCAPSULATED_BYTES),
      }),
  };
}
