import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../../src/pki/authority.ts';

test('padding makes a certificate larger by as much, and no less valid', async () => {
  const authority = await createAuthority('padding');
  const issue = async (paddingBytes: number): Promise<X509Certificate> =>
    new X509Certificate((await authority.issue({ name: 'broker', use: 'server', paddingBytes })).certPem);
  const plain = await issue(0);
  const ca = new X509Certificate(authority.certPem);
  for (const paddingBytes of [300, 1000, 50_000]) {
    const padded = await issue(paddingBytes);
    expect(padded.verify(ca.publicKey)).toBe(true);
    expect(padded.raw.length - plain.raw.length).toBe(paddingBytes);
  }
});

test('certificates of the same content are of the same size, whatever their signatures', async () => {
  const authority = await createAuthority('sizes');
  const sizes = new Set<number>();
  for (let n = 0; n < 40; n++) {
    const { certPem } = await authority.issue({ name: 'broker', use: 'server' });
    sizes.add(new X509Certificate(certPem).raw.length);
  }
  expect(sizes.size).toBe(1);
});
