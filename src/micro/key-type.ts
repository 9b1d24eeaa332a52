import type { KeyObject } from 'node:crypto';

const CURVES: Record<string, string> = { prime256v1: 'ecdsa-p256', secp384r1: 'ecdsa-p384' };

/** The type of a certificate's key, spelt as `KEY_TYPES` does where it is one of those. */
export function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return `rsa-${asymmetricKeyDetails?.modulusLength ?? 0}`;
  const curve = asymmetricKeyDetails?.namedCurve;
  return curve === undefined ? String(asymmetricKeyType) : (CURVES[curve] ?? curve);
}
