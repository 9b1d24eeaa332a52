import { symmetric } from './symmetric.ts';

export const chacha20Poly1305 = symmetric({
  name: 'chacha20-poly1305',
  id: 3,
  title: 'ChaCha20-Poly1305',
  sources: ['RFC 8439 §2.8'],
  secretBytes: 32,
});
