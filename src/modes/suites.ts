/** How a TLS 1.2 suite authenticates; a suite of TLS 1.3 leaves that to the certificate or the PSK. */
type Authentication = 'any' | 'ecdsa' | 'rsa' | 'psk' | 'ecdhe-psk' | 'dhe-psk';

/** A cipher suite under its IANA name. */
export interface Suite {
  name: string;
  /** What OpenSSL calls it, with the security level that it needs. */
  openssl: string;
  protocol: 'TLSv1.2' | 'TLSv1.3';
  authentication: Authentication;
}

const suite = (
  protocol: Suite['protocol'],
  authentication: Authentication,
  name: string,
  openssl: string = name,
): Suite => ({ name, openssl, protocol, authentication });

/** OpenSSL counts the 64-bit tag of CCM_8 below the strength of its security level 1. */
const SHORT_TAG = ':@SECLEVEL=0';

/** The suites that a scenario may ask for; the first of a protocol and an authentication is its default. */
export const SUITES: readonly Suite[] = [
  suite('TLSv1.3', 'any', 'TLS_AES_128_GCM_SHA256'),
  suite('TLSv1.3', 'any', 'TLS_AES_256_GCM_SHA384'),
  suite('TLSv1.3', 'any', 'TLS_CHACHA20_POLY1305_SHA256'),
  suite('TLSv1.3', 'any', 'TLS_AES_128_CCM_SHA256'),
  ...(['ecdsa', 'rsa'] as const).flatMap((way) => {
    const [iana, openssl] = [`TLS_ECDHE_${way.toUpperCase()}_WITH`, `ECDHE-${way.toUpperCase()}`];
    return [
      suite('TLSv1.2', way, `${iana}_AES_128_GCM_SHA256`, `${openssl}-AES128-GCM-SHA256`),
      suite('TLSv1.2', way, `${iana}_AES_256_GCM_SHA384`, `${openssl}-AES256-GCM-SHA384`),
      suite('TLSv1.2', way, `${iana}_CHACHA20_POLY1305_SHA256`, `${openssl}-CHACHA20-POLY1305`),
    ];
  }),
  suite('TLSv1.2', 'ecdsa', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', 'ECDHE-ECDSA-AES128-CCM'),
  suite('TLSv1.2', 'ecdsa', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', `ECDHE-ECDSA-AES128-CCM8${SHORT_TAG}`),
  suite('TLSv1.2', 'psk', 'TLS_PSK_WITH_AES_128_GCM_SHA256', 'PSK-AES128-GCM-SHA256'),
  suite('TLSv1.2', 'psk', 'TLS_PSK_WITH_AES_128_CCM', 'PSK-AES128-CCM'),
  suite('TLSv1.2', 'psk', 'TLS_PSK_WITH_AES_128_CCM_8', `PSK-AES128-CCM8${SHORT_TAG}`),
  suite('TLSv1.2', 'psk', 'TLS_PSK_WITH_CHACHA20_POLY1305_SHA256', 'PSK-CHACHA20-POLY1305'),
  suite('TLSv1.2', 'ecdhe-psk', 'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-PSK-CHACHA20-POLY1305'),
  suite('TLSv1.2', 'ecdhe-psk', 'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256', 'ECDHE-PSK-AES128-CBC-SHA256'),
  suite('TLSv1.2', 'dhe-psk', 'TLS_DHE_PSK_WITH_AES_128_GCM_SHA256', 'DHE-PSK-AES128-GCM-SHA256'),
];

export const SUITE_NAMES = SUITES.map(({ name }) => name) as [string, ...string[]];

/** The suite of that IANA name. Throws a RangeError when it is not in {@link SUITES}. */
export function suiteNamed(name: string): Suite {
  const found = SUITES.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`Expected one of ${SUITE_NAMES.join(', ')}, got '${name}'`);
  return found;
}

/** What is used when nobody asks for a suite. */
export function defaultSuite(protocol: Suite['protocol'], authentication: Authentication): Suite {
  const found = SUITES.find((one) => one.protocol === protocol && one.authentication === authentication);
  if (found === undefined) throw new RangeError(`There is no suite of ${protocol} with ${authentication}`);
  return found;
}

const RECORD_HEADER_BYTES = 5;

/**
 * Bytes on the wire of a record that carries so many bytes of application data. TLS 1.3: a byte that says what it holds, and
 * the tag (RFC 8446 §5.2). TLS 1.2: GCM and CCM send 8 bytes of their nonce (RFC 5288 §3, RFC 6655 §3), ChaCha20-Poly1305
 * none (RFC 7905 §2), CBC an IV, a MAC of 32 bytes and padding to whole blocks (RFC 5246 §6.2.3.2).
 */
export function recordBytes(
  contentBytes: number,
  { name, protocol }: Pick<Suite, 'name' | 'protocol'>,
): number {
  const tag = name.endsWith('_CCM_8') ? 8 : 16;
  if (protocol === 'TLSv1.3') return RECORD_HEADER_BYTES + contentBytes + 1 + tag;
  if (name.includes('_CBC_')) {
    const blocks = Math.floor((contentBytes + CBC_MAC_BYTES) / CBC_BLOCK_BYTES) + 1;
    return RECORD_HEADER_BYTES + (blocks + 1) * CBC_BLOCK_BYTES;
  }
  return RECORD_HEADER_BYTES + (name.includes('CHACHA20') ? 0 : 8) + contentBytes + tag;
}

const CBC_BLOCK_BYTES = 16;
const CBC_MAC_BYTES = 32;
