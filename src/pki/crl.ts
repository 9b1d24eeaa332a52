import { der, derTime, TAG } from './der.ts';
import { keyKind, type KeyPair } from './keys.ts';
import { signDer } from './signer.ts';

const VERSION_2 = der(TAG.integer, Buffer.of(1));
/** `cRLNumber` (RFC 5280 §5.2.3): 1, for a run has one list of each authority. */
const FIRST_NUMBER = der(
  TAG.sequence,
  der(TAG.objectIdentifier, Buffer.from('551d14', 'hex')),
  der(TAG.octetString, der(TAG.integer, Buffer.of(1))),
);

/** All serial numbers are as long: positive numbers without zeros in front. */
export const SERIAL_BYTES = 16;

export interface RevocationList {
  /** The authority's name and its `authorityKeyIdentifier` extension, DER. */
  issuerName: Uint8Array;
  keyIdentifier: Uint8Array;
  keys: KeyPair;
  thisUpdate: Date;
  nextUpdate: Date;
  /** Serial numbers of {@link SERIAL_BYTES} each. */
  revoked: readonly Uint8Array[];
}

/**
 * A certificate revocation list (RFC 5280 §5) as PEM. \@peculiar/x509 can make one too, but compares each entry with all
 * before it: 10,000 take it ten seconds.
 */
export async function revocationList(list: RevocationList): Promise<string> {
  const { keys, thisUpdate, nextUpdate, revoked } = list;
  const algorithm = Buffer.from(keyKind(keys.type).signatureIdentifier, 'hex');
  const since = derTime(thisUpdate);
  // All entries are of one length, so they begin alike: a sequence of serial number and time.
  const opening = Buffer.of(TAG.sequence, 2 + SERIAL_BYTES + since.length, TAG.integer, SERIAL_BYTES);
  const entries = Buffer.concat(revoked.flatMap((serial) => [opening, serial, since]));
  const content = der(
    TAG.sequence,
    VERSION_2,
    algorithm,
    list.issuerName,
    since,
    derTime(nextUpdate),
    // The list is left out when it is empty (RFC 5280 §5.1.2.6).
    ...(entries.length === 0 ? [] : [der(TAG.sequence, entries)]),
    der(TAG.context0, der(TAG.sequence, list.keyIdentifier, FIRST_NUMBER)),
  );
  const signature = der(TAG.bitString, Buffer.of(0), await signDer(keys, content));
  const lines =
    der(TAG.sequence, content, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}
