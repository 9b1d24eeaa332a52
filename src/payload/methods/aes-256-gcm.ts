import { symmetric } from './symmetric.ts';

export const aes256Gcm = symmetric({
  name: 'aes-256-gcm',
  id: 2,
  title: 'AES-256-GCM',
  sources: ['NIST SP 800-38D', 'RFC 5116 §5.2'],
  secretBytes: 32,
});
