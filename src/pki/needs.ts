import { z } from 'zod';

/** The keys that a certificate can have, by the names of NIST and OpenSSL. */
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

/**
 * What the broker is to find out about the client's certificate: nothing wrong; that its CRL names it; that it is past
 * its date; that an authority issued it which the broker does not know. Node names the last error that it met: a
 * client of a wrong CA is refused as UNABLE_TO_VERIFY_LEAF_SIGNATURE, with intermediate certificates as
 * UNABLE_TO_GET_ISSUER_CERT_LOCALLY, by a broker with a CRL as UNABLE_TO_GET_CRL.
 */
export const CLIENT_STANDINGS = ['valid', 'revoked', 'expired', 'wrong-ca'] as const;
export type ClientStanding = (typeof CLIENT_STANDINGS)[number];

/** Between these the lengths around the padding all take the same octets, so that every number of bytes can be met. */
export const MIN_PAD_BYTES = 300;
export const MAX_PAD_BYTES = 58_000;
/** Even with ML-DSA-65 and {@link MAX_PAD_BYTES} less than the 100 kB of certificates that OpenSSL takes from a peer. */
export const MAX_CHAIN = 6;
export const MAX_CRL_ENTRIES = 100_000;

/** What a variant of a connection needs of certificates. */
export const certificateNeedsSchema = z.strictObject({
  /** The type of every key in the chain, so also of every signature. */
  key: z.enum(KEY_TYPES),
  /** Certificates that an end sends: its own and `chain − 1` intermediate ones, never the root's. */
  chain: z.int().min(1).max(MAX_CHAIN),
  /** Bytes that the leaves of both ends are larger by: none, or enough to be met exactly. */
  padBytes: z.union([z.literal(0), z.int().min(MIN_PAD_BYTES).max(MAX_PAD_BYTES)]),
  /** Revoked certificates in the list that the broker checks the client against; absent: it checks none. */
  crlEntries: z.int().min(0).max(MAX_CRL_ENTRIES).optional(),
  /** A revoked client is one more entry of the list, which then is there in any case. */
  client: z.enum(CLIENT_STANDINGS),
});
export type CertificateNeeds = Readonly<z.infer<typeof certificateNeedsSchema>>;

export const DEFAULT_NEEDS: CertificateNeeds = {
  key: 'ecdsa-p256',
  chain: 1,
  padBytes: 0,
  client: 'valid',
};

/** Other revoked certificates in the broker's list; undefined where it has no list. */
export function listedEntries({ crlEntries, client }: CertificateNeeds): number | undefined {
  return crlEntries ?? (client === 'revoked' ? 0 : undefined);
}

/** Equal for needs that the same certificates meet, different for others; the name of their folder. */
export function needsId(needs: CertificateNeeds): string {
  const { key, chain, padBytes, client } = needs;
  const entries = listedEntries(needs);
  const crl = entries === undefined ? [] : [`crl-${entries}`];
  return [key, `chain-${chain}`, `pad-${padBytes}`, ...crl, client].join('.');
}
