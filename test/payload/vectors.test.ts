import { describe, expect, it } from 'vitest';
import { aesCmac } from '../../src/payload/methods/aes-cmac.ts';
import { crc32 } from '../../src/payload/methods/crc32.ts';
import { ecdsaP256 } from '../../src/payload/methods/ecdsa-p256.ts';
import { ed25519 } from '../../src/payload/methods/ed25519.ts';
import { hmacSha256 } from '../../src/payload/methods/hmac-sha256.ts';
import { md5 } from '../../src/payload/methods/md5.ts';
import { rsaPss } from '../../src/payload/methods/rsa-pss.ts';
import { sha256 } from '../../src/payload/methods/sha256.ts';
import { sha3With256 } from '../../src/payload/methods/sha3-256.ts';
import { aesCmac as cmac } from '../../src/payload/primitives/cmac.ts';
import { ed25519Private, ed25519Public, hex, p256Public } from './raw-keys.ts';
import { pss, rsaPublicKey } from './rsa-vectors.ts';

const NO_KEYS = { keyId: 0, sender: 0 };

describe('checksums', () => {
  it.each([
    ['CRC-32 (the check value of its catalogue)', crc32, '123456789', 'cbf43926'],
    ['MD5 (RFC 1321 §A.5)', md5, 'message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['MD5 of nothing (RFC 1321 §A.5)', md5, '', 'd41d8cd98f00b204e9800998ecf8427e'],
    [
      'SHA-256 (FIPS 180-4 example)',
      sha256,
      'abc',
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
    [
      'SHA-256 of two blocks (FIPS 180-4 example)',
      sha256,
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'SHA3-256 (FIPS 202 example)',
      sha3With256,
      'abc',
      '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
    ],
    [
      'SHA3-256 of nothing (FIPS 202 example)',
      sha3With256,
      '',
      'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a',
    ],
  ])('%s', (_name, method, text, expected) => {
    expect(method.compute(Buffer.from(text), NO_KEYS).toString('hex')).toBe(expected);
  });
});

describe('HMAC-SHA-256 (RFC 4231 §4; a key that is padded with zeros is the same key: RFC 2104 §2)', () => {
  it.each([
    ['0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe').toString('hex'),
      Buffer.from('what do ya want for nothing?').toString('hex'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      '0102030405060708090a0b0c0d0e0f10111213141516171819',
      'cd'.repeat(50),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
  ])('key %s', (key, data, expected) => {
    const secret = Buffer.alloc(32);
    hex(key).copy(secret);
    expect(hmacSha256.compute(hex(data), { ...NO_KEYS, secret }).toString('hex')).toBe(expected);
  });
});

describe('AES-128-CMAC', () => {
  const MESSAGE = `6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
    30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`;
  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('of %i bytes (RFC 4493 §4)', (bytes, expected) => {
    const secret = hex('2b7e151628aed2a6abf7158809cf4f3c');
    const message = hex(MESSAGE).subarray(0, bytes);
    expect(aesCmac.compute(message, { ...NO_KEYS, secret }).toString('hex')).toBe(expected);
  });

  it.each([
    ['e34f15c7bd819930fe9d66e0c166e61c', '', 'd47afca1d857a5933405b1eb7a5cb7af'],
    ['e1e726677f4893890f8c027f9d8ef80d', '3f', '15f856bbed3b321952a584b3c4437a63'],
    [
      'e09eaa5a3f5e56d279d5e7a03373f6ea',
      'ef4eab37181f98423e53e947e7050fd0',
      '40facf0e2fb51b73a7472681b033d6dc',
    ],
    [
      '831e664c9e3f0c3094c0b27b9d908eb2',
      '26603bb76dd0a0180791c4ed4d3b058807',
      'a8144c8b24f2aa47d9c160cff4ab1716',
    ],
    [
      'fda6a01194beb462953d7e6c49b32dac',
      'f60ae3b036abcab78c98fc1d4b67970c0955cb6fe24483f8907fd73319679b',
      '1f0f8124ab6c832e87684bac701544c1',
    ],
  ])('under %s (Wycheproof aes_cmac)', (key, message, expected) => {
    expect(cmac(hex(key), hex(message)).toString('hex')).toBe(expected);
  });
});

describe('signatures', () => {
  it.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('Ed25519 by %s (RFC 8032 §7.1)', (secret, pub, message, signature) => {
    expect(ed25519.sign(hex(message), { ...NO_KEYS, author: ed25519Private(secret) }).toString('hex')).toBe(
      signature,
    );
    expect(ed25519.verify(hex(message), hex(signature), { keyId: 0, author: ed25519Public(pub) })).toBe(true);
  });

  it.each([
    [
      'S just under the bound',
      true,
      '124e583f8b8eca58bb29c271b41d36986bbc45541f8e51f9cb0133eca447601e',
      'dac119d6ca87fc59ae611c157048f4d4fc932a149dbe20ec6effd1436abf83ea05c7df0fef06147241259113909bc71bd3c53ba4464ffcad3c0968f2ffffff0f',
    ],
    [
      'S just above it',
      false,
      '6a0bc2b0057cedfc0fa2e3f7f7d39279b30f454a69dfd1117c758d86b19d85e0',
      '0971f86d2c9c78582524a103cb9cf949522ae528f8054dc20107d999be673ff4e25ebf2f2928766b1248bec6e91697775f8446639ede46ad4df4053000000010',
    ],
    ['R and S zero', false, '3f', '00'.repeat(64)],
  ])('Ed25519 with %s: %s (Wycheproof)', (_name, expected, message, signature) => {
    const author = ed25519Public('100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86');
    expect(ed25519.verify(hex(message), hex(signature), { keyId: 0, author })).toBe(expected);
  });

  it('ECDSA P-256 (RFC 6979 §A.2.5)', () => {
    const author = p256Public(
      '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    );
    const signature = hex(
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    );
    expect(ecdsaP256.verify(Buffer.from('sample'), signature, { keyId: 0, author })).toBe(true);
    expect(ecdsaP256.verify(Buffer.from('Sample'), signature, { keyId: 0, author })).toBe(false);
  });

  const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
  const ZERO = '00'.repeat(32);
  const ONE = `${'00'.repeat(31)}01`;
  it.each([
    [
      'valid',
      true,
      '2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18',
      '4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76',
    ],
    [
      'n − r',
      false,
      'd45c5740946b2a147f59262ee6f5bc90bd01ed280528b62b3aed5fc93f06f739',
      'b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
    ],
    ['r and s 0', false, ZERO, ZERO],
    ['r 0, s 1', false, ZERO, ONE],
    ['r 0, s n', false, ZERO, ORDER],
    ['r 1, s 0', false, ONE, ZERO],
    ['r 1, s n', false, ONE, ORDER],
    ['r n, s 1', false, ORDER, ONE],
  ])('ECDSA P-256, %s: %s (Wycheproof)', (_name, expected, r, s) => {
    const author = p256Public(
      '2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e',
    );
    expect(ecdsaP256.verify(hex('313233343030'), hex(r + s), { keyId: 0, author })).toBe(expected);
  });

  it.each([
    ['valid', true, pss.valid],
    ['padding of ones', false, pss.paddingIsOnes],
    ['0', false, pss.zero],
    ['of PKCS #1 v1.5', false, pss.pkcs1v15],
  ])('RSA-PSS, %s: %s (Wycheproof)', (_name, expected, signature) => {
    expect(rsaPss.verify(hex(pss.message), hex(signature), { keyId: 0, author: rsaPublicKey })).toBe(
      expected,
    );
  });
});
