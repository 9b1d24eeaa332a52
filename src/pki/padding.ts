import { randomBytes } from 'node:crypto';
import { der, headerBytes, TAG } from './der.ts';
import { MAX_PAD_BYTES, MIN_PAD_BYTES } from './needs.ts';

/**
 * 1.3.6.1.4.1.32473.1: a private extension under the enterprise number that IANA set aside for examples (RFC 5612), so
 * that it can mean nothing to anybody.
 */
const PADDING_OID = der(TAG.objectIdentifier, Buffer.from('2b0601040181fd5901', 'hex'));

/**
 * A non-critical extension that says nothing, as DER. A certificate which has it beside other extensions of
 * `extensionsBytes` is larger by exactly `padBytes`, all lengths around it counted; RangeError where that cannot be
 * promised. Its content is random, so that certificate compression (RFC 8879) cannot take it back.
 */
export function paddingExtension(padBytes: number, extensionsBytes: number): Buffer {
  if (!(padBytes >= MIN_PAD_BYTES && padBytes <= MAX_PAD_BYTES)) {
    throw new RangeError(`Expected ${MIN_PAD_BYTES} to ${MAX_PAD_BYTES} bytes of padding, got ${padBytes}`);
  }
  // The list of extensions is a sequence in an explicit tag. With 256 bytes or more every length takes two octets more
  // than the first, as those of the certificate itself do before and after.
  const before = wrappedBytes(extensionsBytes);
  const extensionBytes =
    padBytes - (wrappedBytes(MIN_PAD_BYTES) - MIN_PAD_BYTES) + (before - extensionsBytes);
  const contentBytes = extensionBytes - 2 * headerBytes(MIN_PAD_BYTES) - PADDING_OID.byteLength;
  return der(TAG.sequence, PADDING_OID, der(TAG.octetString, randomBytes(contentBytes)));
}

function wrappedBytes(contentBytes: number): number {
  const sequence = headerBytes(contentBytes) + contentBytes;
  return headerBytes(sequence) + sequence;
}
