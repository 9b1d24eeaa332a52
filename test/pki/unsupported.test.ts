import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { KEY_TYPES } from '../../src/pki/needs.ts';
import { unsupportedKey } from '../../src/pki/unsupported.ts';

const MODULE = new URL('../../src/pki/unsupported.ts', import.meta.url).href;

describe('unsupportedKey', () => {
  it('has nothing against any key where Node is the pinned one', async () => {
    expect(await Promise.all(KEY_TYPES.map(unsupportedKey))).toEqual(KEY_TYPES.map(() => undefined));
  });

  it('tries, and says at what step and why it failed', async () => {
    // A process that may not do TLS 1.3 cannot do a handshake with ML-DSA.
    const script = `import { unsupportedKey } from '${MODULE}'; console.log(await unsupportedKey('ml-dsa-44'));`;
    const { stdout, stderr } = await execa('node', ['--tls-max-v1.2', '--input-type=module', '-e', script]);
    expect(stdout).toMatch(/^ml-dsa-44: the handshake failed with OpenSSL 3\.\S+: .+/);
    // Neither does it say on stderr that anything is an experiment.
    expect(stderr).toBe('');
  });
});
