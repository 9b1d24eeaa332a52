/** Tags of ASN.1's universal types, and of an explicit context tag (X.690 §8.1.2). */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  context0: 0xa0,
} as const;

/** A value in DER: tag, length in the fewest octets (X.690 §10.1), content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([Buffer.of(tag, ...lengthOctets(length)), ...content]);
}

/** How many octets DER spends on tag and length of a content of so many bytes. */
export function headerBytes(contentBytes: number): number {
  return 1 + lengthOctets(contentBytes).length;
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) octets.unshift(rest % 0x100);
  return [0x80 | octets.length, ...octets];
}

/** A time in whole seconds: UTCTime until 2049, GeneralizedTime afterwards (RFC 5280 §4.1.2.5). */
export function derTime(time: Date): Buffer {
  const digits = time.toISOString().replaceAll(/\.\d+|[-:T]/g, '');
  return time.getUTCFullYear() < 2050
    ? der(TAG.utcTime, Buffer.from(digits.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(digits));
}
