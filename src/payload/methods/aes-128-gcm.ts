import { symmetric } from './symmetric.ts';

export const aes128Gcm = symmetric({
  name: 'aes-128-gcm',
  id: 1,
  title: 'AES-128-GCM',
  sources: ['NIST SP 800-38D', 'RFC 5116 §5.1'],
  secretBytes: 16,
});
