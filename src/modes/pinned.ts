import type { SecureContextOptions } from 'node:tls';

/**
 * The parameters that the modes share, pinned so that a figure does not change with a library's defaults: OpenSSL 3.5
 * would offer X25519MLKEM768 first and AES-256, OpenSSL 3.0 X25519.
 */
export const GROUP = 'X25519';

export const TLS13_SUITE = 'TLS_AES_128_GCM_SHA256';

/** The OpenSSL and the IANA name of a TLS 1.2 suite. */
export const TLS12_ECDSA = {
  openssl: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  iana: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
};
export const TLS12_PSK = { openssl: 'PSK-AES128-GCM-SHA256', iana: 'TLS_PSK_WITH_AES_128_GCM_SHA256' };

export const TLS12: SecureContextOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
export const TLS13: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: TLS13_SUITE,
  ecdhCurve: GROUP,
};

/** In TLS 1.2 the list of groups must also name the certificate's own curve, or every handshake fails (RFC 8422 §5.1.1). */
export const TLS12_GROUPS = `${GROUP}:P-256`;
