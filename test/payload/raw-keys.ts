import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
/** Keys from their raw bytes as RFCs print them, by the DER heads of RFC 8410 and RFC 5480. */
export const x25519Private = (raw: string): KeyObject => pkcs8(`302e020100300506032b656e04220420${raw}`);
export const x25519Public = (raw: string): KeyObject => spki(`302a300506032b656e032100${raw}`);
export const ed25519Private = (raw: string): KeyObject => pkcs8(`302e020100300506032b657004220420${raw}`);
export const ed25519Public = (raw: string): KeyObject => spki(`302a300506032b6570032100${raw}`);
export const p256Public = (point: string): KeyObject =>
  spki(`3059301306072a8648ce3d020106082a8648ce3d03010703420004${point}`);
const pkcs8 = (der: string): KeyObject => createPrivateKey({ key: hex(der), format: 'der', type: 'pkcs8' });
const spki = (der: string): KeyObject => createPublicKey({ key: hex(der), format: 'der', type: 'spki' });
