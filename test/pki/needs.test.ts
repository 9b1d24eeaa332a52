import { describe, expect, it } from 'vitest';
import {
  certificateNeedsSchema,
  DEFAULT_NEEDS,
  MAX_CHAIN,
  MAX_PAD_BYTES,
  MIN_PAD_BYTES,
  needsId,
  type CertificateNeeds,
} from '../../src/pki/needs.ts';

describe('needsId', () => {
  it('is the name that folders have, and stays so', () => {
    expect(needsId(DEFAULT_NEEDS)).toBe('ecdsa-p256.chain-1.pad-0.valid');
    expect(
      needsId({ key: 'rsa-2048', chain: 3, padBytes: 4000, crlEntries: 10_000, client: 'wrong-ca' }),
    ).toBe('rsa-2048.chain-3.pad-4000.crl-10000.wrong-ca');
  });

  it('differs with every need', () => {
    const others: Partial<CertificateNeeds>[] = [
      {},
      { key: 'ed25519' },
      { chain: 2 },
      { padBytes: 500 },
      { crlEntries: 0 },
      { crlEntries: 7 },
      { client: 'revoked' },
      { client: 'expired' },
      { client: 'wrong-ca' },
    ];
    expect(new Set(others.map((other) => needsId({ ...DEFAULT_NEEDS, ...other }))).size).toBe(others.length);
  });

  it('is the same for a revoked client with and without a list of nobody else', () => {
    expect(needsId({ ...DEFAULT_NEEDS, client: 'revoked', crlEntries: 0 })).toBe(
      needsId({ ...DEFAULT_NEEDS, client: 'revoked' }),
    );
  });
});

describe('the schema', () => {
  it.each<Partial<CertificateNeeds>>([
    {},
    { padBytes: MIN_PAD_BYTES },
    { padBytes: MAX_PAD_BYTES, chain: MAX_CHAIN, key: 'ml-dsa-65' },
    { crlEntries: 0 },
  ])('takes %j', (change) => {
    expect(certificateNeedsSchema.parse({ ...DEFAULT_NEEDS, ...change })).toEqual({
      ...DEFAULT_NEEDS,
      ...change,
    });
  });

  it.each([
    { padBytes: MIN_PAD_BYTES - 1 },
    { padBytes: MAX_PAD_BYTES + 1 },
    { chain: 0 },
    { chain: MAX_CHAIN + 1 },
    { chain: 1.5 },
    { crlEntries: -1 },
    { key: 'dsa' },
    { client: 'unknown' },
    { other: 1 },
  ])('refuses %j', (change) => {
    expect(certificateNeedsSchema.safeParse({ ...DEFAULT_NEEDS, ...change }).success).toBe(false);
  });
});
