import { expect, test } from 'vitest';
import { slug } from '../../src/report/format.ts';
import { axesInWords, modeInWords, modeName } from '../../src/report/mode-name.ts';

test('an identifier is taken apart, whatever stands in it', () => {
  expect(modeName('tls13+key=rsa-2048+chain=3')).toEqual({
    family: 'tls13',
    axes: new Map([
      ['key', 'rsa-2048'],
      ['chain', '3'],
    ]),
  });
  expect(modeName('tls12').axes.size).toBe(0);
  expect(modeName('a+b=c=d++').axes.get('b')).toBe('c=d');
});

test('axes in words are short, and still tell modes apart', () => {
  expect(modeInWords('mtls13-resumed')).toBe('mtls13-resumed');
  expect(modeInWords('tls13+suite=TLS_CHACHA20_POLY1305_SHA256+pipelined=true')).toBe(
    'tls13, CHACHA20_POLY1305, pipelined',
  );
  expect(axesInWords('tls12+suite=TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8')).toBe('AES_128_CCM_8');
  expect(axesInWords('tls13+key=rsa-2048+chain=3+padBytes=9000+group=P-384')).toBe(
    'rsa-2048, chain of 3, padded 9000 B, P-384',
  );
  expect(axesInWords('mtls13+crlEntries=100+client=revoked+clientNoDelay=false')).toBe(
    'CRL of 100, revoked client, Nagle',
  );
  expect(axesInWords('tls12+tickets=false+mqtt=5')).toBe('no tickets, MQTT 5');
  expect(axesInWords('tls13+auth=client-id-and-password+credentials=wrong-password')).toBe(
    'client id and password, wrong password',
  );
  expect(axesInWords('mtls13+auth=x509')).toBe('X.509 identity');
  expect(axesInWords('plain+auth=later')).toBe('auth later');
  expect(axesInWords('tls13+later=7')).toBe('later 7');
});

test('a slug of a mode with every axis is still a file name', () => {
  const long = slug(`tls13+${'suite=TLS_CHACHA20_POLY1305_SHA256+'.repeat(9)}`);
  expect(long).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(long.length).toBeLessThanOrEqual(100);
});
