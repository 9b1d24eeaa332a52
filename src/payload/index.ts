import { defineMethod, type Recipe } from './envelope.ts';
import type { Method } from './method.ts';
import { aes128CbcHmacSha256 } from './methods/aes-128-cbc-hmac-sha256.ts';
import { aes128Gcm } from './methods/aes-128-gcm.ts';
import { aes256Gcm } from './methods/aes-256-gcm.ts';
import { aesCmac } from './methods/aes-cmac.ts';
import { chacha20Poly1305 } from './methods/chacha20-poly1305.ts';
import { crc32 } from './methods/crc32.ts';
import { ecdsaP256 } from './methods/ecdsa-p256.ts';
import { ed25519Aes128Gcm } from './methods/ed25519-aes-128-gcm.ts';
import { ed25519HpkeX25519 } from './methods/ed25519-hpke-x25519.ts';
import { ed25519 } from './methods/ed25519.ts';
import { hmacSha256 } from './methods/hmac-sha256.ts';
import { hpkeAuthX25519 } from './methods/hpke-auth-x25519.ts';
import { hpkeX25519 } from './methods/hpke-x25519.ts';
import { md5 } from './methods/md5.ts';
import { rsaOaep } from './methods/rsa-oaep.ts';
import { rsaPss } from './methods/rsa-pss.ts';
import { sha256 } from './methods/sha256.ts';
import { sha3With256 } from './methods/sha3-256.ts';

/** Every way to protect a payload, in the order in which tables show them. A new one is one file and one line here. */
export const METHODS: readonly Method[] = (
  [
    crc32,
    md5,
    sha256,
    sha3With256,
    hmacSha256,
    aesCmac,
    ecdsaP256,
    ed25519,
    rsaPss,
    aes128Gcm,
    aes256Gcm,
    chacha20Poly1305,
    aes128CbcHmacSha256,
    hpkeX25519,
    hpkeAuthX25519,
    rsaOaep,
    ed25519Aes128Gcm,
    ed25519HpkeX25519,
  ] as const satisfies Recipe[]
).map(defineMethod);

export const METHOD_NAMES: readonly string[] = METHODS.map(({ name }) => name);

/** The method of that name. Throws a RangeError for a name that is not in {@link METHODS}. */
export function methodNamed(name: string): Method {
  const method = METHODS.find((candidate) => candidate.name === name);
  if (method === undefined) throw new RangeError(`Expected one of ${METHOD_NAMES.join(', ')}, got '${name}'`);
  return method;
}
