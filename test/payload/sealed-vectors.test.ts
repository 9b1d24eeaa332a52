import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/payload/methods/rsa-oaep.ts';
import { openAead, sealAead, type Aead } from '../../src/payload/primitives/aead.ts';
import { openCbcHmac, sealCbcHmac } from '../../src/payload/primitives/cbc-hmac.ts';
import { openHpke, sealHpke } from '../../src/payload/primitives/hpke.ts';
import { hex, x25519Private, x25519Public } from './raw-keys.ts';
import { oaep, rsaPrivateKey } from './rsa-vectors.ts';

describe('AEADs', () => {
  const GCM = {
    nonce: 'cafebabefacedbaddecaf888',
    associated: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    plaintext: `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
      1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`,
  };
  it.each<
    [string, Aead, { key: string; nonce: string; associated: string; plaintext: string; sealed: string }]
  >([
    [
      'AES-128-GCM (GCM specification, test case 4)',
      'aes-128-gcm',
      {
        ...GCM,
        key: 'feffe9928665731c6d6a8f9467308308',
        sealed: `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
          21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47`,
      },
    ],
    [
      'AES-256-GCM (GCM specification, test case 16)',
      'aes-256-gcm',
      {
        ...GCM,
        key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
        sealed: `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
          8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`,
      },
    ],
    [
      'ChaCha20-Poly1305 (RFC 8439 §2.8.2)',
      'chacha20-poly1305',
      {
        key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
        nonce: '070000004041424344454647',
        associated: '50515253c0c1c2c3c4c5c6c7',
        plaintext: Buffer.from(
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
        ).toString('hex'),
        sealed: `d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
          1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
          3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691`,
      },
    ],
  ])('%s', (_name, aead, vector) => {
    const [key, nonce, associated] = [hex(vector.key), hex(vector.nonce), hex(vector.associated)];
    const sealed = hex(vector.sealed);
    expect(sealAead(aead, key, nonce, associated, hex(vector.plaintext))).toEqual(sealed);
    expect(openAead(aead, key, nonce, associated, sealed)).toEqual(hex(vector.plaintext));
    expect(openAead(aead, key, nonce, Buffer.alloc(0), sealed)).toBeUndefined();
  });

  const AES_CBC_HMAC = {
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    iv: '1af38c2dc2b96ffdd86694092341bc04',
    associated: '546865207365636f6e64207072696e6369706c65206f662041756775737465204b6572636b686f666673',
    plaintext: `41206369706865722073797374656d206d757374206e6f7420626520726571756972656420746f20626520736563
      7265742c20616e64206974206d7573742062652061626c6520746f2066616c6c20696e746f207468652068616e6473206f
      662074686520656e656d7920776974686f757420696e636f6e76656e69656e6365`,
    sealed: `c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2
      fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b
      384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db
      652c3fa36b0a7c5b3219fab3a30bc1c4`,
  };
  it('AES-128-CBC with HMAC-SHA-256 (RFC 7518 §B.1)', () => {
    const [key, iv, associated] = [hex(AES_CBC_HMAC.key), hex(AES_CBC_HMAC.iv), hex(AES_CBC_HMAC.associated)];
    const sealed = hex(AES_CBC_HMAC.sealed);
    expect(sealCbcHmac(key, iv, associated, hex(AES_CBC_HMAC.plaintext))).toEqual(sealed);
    expect(openCbcHmac(key, iv, associated, sealed)).toEqual(hex(AES_CBC_HMAC.plaintext));
    expect(openCbcHmac(key, Buffer.alloc(16), associated, sealed)).toBeUndefined();
  });
});

describe('HPKE with X25519 and AES-128-GCM', () => {
  const INFO = hex('4f6465206f6e2061204772656369616e2055726e');
  const ASSOCIATED = Buffer.from('Count-0');
  const PLAINTEXT = Buffer.from('Beauty is truth, truth beauty');

  it('of an unknown sender (RFC 9180 §A.1.1)', () => {
    const vector = {
      encapsulated: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
      sealed: hex(
        'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
      ),
    };
    const ephemeral = x25519Private('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736');
    const recipient = x25519Private('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8');
    const publicHalf = x25519Public('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d');
    expect(sealHpke({ recipient: publicHalf }, INFO, ASSOCIATED, PLAINTEXT, ephemeral)).toEqual(vector);
    expect(openHpke({ recipient }, INFO, ASSOCIATED, vector)).toEqual(PLAINTEXT);
    expect(openHpke({ recipient }, INFO, Buffer.from('Count-1'), vector)).toBeUndefined();
  });

  it('of a known sender (RFC 9180 §A.1.3)', () => {
    const vector = {
      encapsulated: hex('23fb952571a14a25e3d678140cd0e5eb47a0961bb18afcf85896e5453c312e76'),
      sealed: hex(
        '5fd92cc9d46dbf8943e72a07e42f363ed5f721212cd90bcfd072bfd9f44e06b80fd17824947496e21b680c141b',
      ),
    };
    const ephemeral = x25519Private('ff4442ef24fbc3c1ff86375b0be1e77e88a0de1e79b30896d73411c5ff4c3518');
    const recipient = x25519Private('fdea67cf831f1ca98d8e27b1f6abeb5b7745e9d35348b80fa407ff6958f9137e');
    const publicHalf = x25519Public('1632d5c2f71c2b38d0a8fcc359355200caa8b1ffdf28618080466c909cb69b2e');
    const sender = x25519Private('dc4a146313cce60a278a5323d321f051c5707e9c45ba21a3479fecdf76fc69dd');
    const senderPublic = x25519Public('8b0c70873dc5aecb7f9ee4e62406a397b350e57012be45cf53b7105ae731790b');
    expect(sealHpke({ recipient: publicHalf, sender }, INFO, ASSOCIATED, PLAINTEXT, ephemeral)).toEqual(
      vector,
    );
    expect(openHpke({ recipient, sender: senderPublic }, INFO, ASSOCIATED, vector)).toEqual(PLAINTEXT);
    expect(openHpke({ recipient, sender: publicHalf }, INFO, ASSOCIATED, vector)).toBeUndefined();
  });

  it.each([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p', `edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f`],
  ])('an encapsulated key that is %s opens nothing (RFC 7748 §6.1)', (_name, point) => {
    const recipient = x25519Private('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8');
    const sealed = { encapsulated: hex(point), sealed: Buffer.alloc(40) };
    expect(openHpke({ recipient }, INFO, ASSOCIATED, sealed)).toBeUndefined();
  });
});

it.each([
  ['valid', oaep.message, oaep.valid],
  ['a label that is not ours', undefined, oaep.firstByteOfLabelHash],
  ['padding without an end', undefined, oaep.paddingIsZero],
  ['0', undefined, oaep.zero],
])('RSA-OAEP, %s (Wycheproof)', (_name, expected, wrapped) => {
  expect(unwrap(rsaPrivateKey, hex(wrapped))?.toString('hex')).toBe(expected);
});
