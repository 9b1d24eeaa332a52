import { associatedData, nonceOf, type Recipe } from '../envelope.ts';
import { secretOf, type KeyNeeds } from '../keys.ts';
import { openAead, sealAead, TAG_BYTES, type Aead } from '../primitives/aead.ts';
import { PROMISES } from '../promises.ts';

/** An AEAD under a topic's secret: header and topic as associated data, the nonce made of sender and sequence. */
export function symmetric(
  recipe: Pick<Recipe, 'id' | 'title' | 'sources'> & {
    name: Aead;
    secretBytes: NonNullable<KeyNeeds['secretBytes']>;
  },
): Recipe {
  const { secretBytes, ...facts } = recipe;
  return {
    ...facts,
    promises: PROMISES.sealed,
    needs: { secretBytes },
    bodyBytes: (payloadBytes) => payloadBytes + TAG_BYTES,
    seal: (context, payload, keys) =>
      sealAead(facts.name, secretOf(keys, secretBytes), nonceOf(context), associatedData(context), payload),
    unseal: (context, body, keys) =>
      openAead(facts.name, secretOf(keys, secretBytes), nonceOf(context), associatedData(context), body),
  };
}
