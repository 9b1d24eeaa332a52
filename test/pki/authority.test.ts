import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../../src/pki/authority.ts';

test('padding makes a certificate larger by as much, and no less valid', async () => {
  const authority = await createAuthority('padding');
  const issue = async (paddingBytes: number): Promise<X509Certificate> =>
    new X509Certificate((await authority.issue({ name: 'broker', use: 'server', paddingBytes })).certPem);
  const plain = await issue(0);
  const ca = new X509Certificate(authority.certPem);
  for (const paddingBytes of [1, 1000, 50_000]) {
    const padded = await issue(paddingBytes);
    expect(padded.verify(ca.publicKey)).toBe(true);
    const more = padded.raw.length - plain.raw.length - paddingBytes;
    // The extension's own fields; signatures differ by a few bytes.
    expect(more).toBeGreaterThan(10);
    expect(more).toBeLessThan(40);
  }
});
