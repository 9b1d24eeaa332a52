/** Keys of certificates (RFC 5280; ML-DSA by RFC 9881). */
export const KEY_TYPES = [
  'ecdsa-p256',
  'ecdsa-p384',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
  'ml-dsa-44',
  'ml-dsa-65',
] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface CertificateNeeds {
  key: KeyType;
  chain: number;
  padBytes: number;
  crlEntries?: number;
  client: 'valid' | 'revoked' | 'expired' | 'wrong-ca';
}

export const DEFAULT_NEEDS: CertificateNeeds = { key: 'ecdsa-p256', chain: 1, padBytes: 0, client: 'valid' };
