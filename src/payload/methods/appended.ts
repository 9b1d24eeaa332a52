import { timingSafeEqual } from 'node:crypto';
import { coveredBytes, type Recipe } from '../envelope.ts';
import type { OpenKeys, ProtectKeys } from '../keys.ts';

type Facts = Pick<Recipe, 'name' | 'id' | 'title' | 'sources' | 'promises' | 'needs'> & {
  checkBytes: number;
};

/** What is computed of the covered bytes, and again by who checks. */
interface Computed extends Facts {
  compute: (covered: Buffer, keys: ProtectKeys | OpenKeys) => Buffer;
}

/** What only the holder of a private key can compute. */
interface Signed extends Facts {
  sign: (covered: Buffer, keys: ProtectKeys) => Buffer;
  verify: (covered: Buffer, signature: Buffer, keys: OpenKeys) => boolean;
}

/** The payload in clear, with a checksum or a MAC behind it. */
export function computed({ compute, ...facts }: Computed): Recipe & Pick<Computed, 'compute'> {
  const recipe = signed({
    ...facts,
    sign: compute,
    verify: (covered, check, keys) => timingSafeEqual(compute(covered, keys), check),
  });
  return { ...recipe, compute };
}

/** The payload in clear, with a signature behind it. */
export function signed({
  checkBytes,
  sign,
  verify,
  ...facts
}: Signed): Recipe & Pick<Signed, 'sign' | 'verify'> {
  return {
    ...facts,
    sign,
    verify,
    bodyBytes: (payloadBytes) => payloadBytes + checkBytes,
    seal: (context, payload, keys) => Buffer.concat([payload, sign(coveredBytes(context, payload), keys)]),
    unseal: (context, body, keys) => {
      const payload = body.subarray(0, body.length - checkBytes);
      const check = body.subarray(body.length - checkBytes);
      return verify(coveredBytes(context, payload), check, keys) ? payload : undefined;
    },
  };
}
