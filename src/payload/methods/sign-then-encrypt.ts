import type { Recipe } from '../envelope.ts';
import { PROMISES } from '../promises.ts';

/**
 * Signs, then encrypts payload and signature together. In this order what is signed is the payload that its author saw,
 * the signature can be shown to a third party, and nobody without a key learns who signed; in the other one an outsider
 * could put a signature of his own on another's ciphertext. Sign-then-encrypt by itself lets a recipient encrypt a signed
 * message anew for somebody else (Davis, USENIX 2001): here the topic, which is what is encrypted for, is signed too.
 */
export function signThenEncrypt(
  facts: Pick<Recipe, 'name' | 'id' | 'title'>,
  signing: Recipe,
  encryption: Recipe,
): Recipe {
  return {
    ...facts,
    sources: [...signing.sources, ...encryption.sources],
    promises: PROMISES.signedAndSealed,
    needs: { ...signing.needs, ...encryption.needs },
    bodyBytes: (payloadBytes) => encryption.bodyBytes(signing.bodyBytes(payloadBytes)),
    seal: (context, payload, keys) => encryption.seal(context, signing.seal(context, payload, keys), keys),
    unseal: (context, body, keys) => {
      const signedPayload = encryption.unseal(context, body, keys);
      if (signedPayload === undefined || signedPayload.length < signing.bodyBytes(0)) return undefined;
      return signing.unseal(context, signedPayload, keys);
    },
  };
}
