// @peculiar/x509 resolves its classes through tsyringe, which needs this polyfill first.
import 'reflect-metadata';
import { createHash, randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { revocationList, SERIAL_BYTES } from './crl.ts';
import { keyKind, newKeyPair, type KeyPair } from './keys.ts';
import type { Identity } from './material.ts';
import { paddingExtension } from './padding.ts';
import { SIGNER, signingKey } from './signer.ts';

const HOUR_MS = 3_600_000;
/** A run's certificates live for a day; the hour before covers clocks that lag. */
const VALID_BEFORE_MS = HOUR_MS;
const VALID_AFTER_MS = 24 * HOUR_MS;

/** Left 160 bits of the SHA-256 of the public key (RFC 7093 §2). */
const KEY_ID_BYTES = 20;

export interface LeafOptions {
  /** The subject's common name. */
  name: string;
  use: 'server' | 'client';
  /** Subject alternative names; what a client checks of a server certificate. */
  dnsNames?: string[];
  ipAddresses?: string[];
  /** Bytes that the certificate is larger by, exactly: 0, or as many as {@link paddingExtension} can meet. */
  paddingBytes?: number;
  /** It was valid for a day, two days ago. */
  expired?: boolean;
  /** Its key; absent: a new one of the authority's type. */
  keys?: KeyPair;
}

/** A certificate authority that lives in memory for one run. */
export interface Authority {
  /** Its own certificate. */
  certPem: string;
  /** A leaf; its `certPem` goes on with the certificates of the authorities up to the root, which is left out. */
  issue(options: LeafOptions): Promise<Identity>;
  /** An authority under this one; its key is of the same type unless given. */
  delegate(name: string, keys?: KeyPair): Promise<Authority>;
  /** The list, as PEM, of certificates that it revoked, by serial numbers as Node prints them, and of so many others. */
  revoke(serialNumbers: readonly string[], others?: number): Promise<string>;
}

/** Makes a self-signed CA (RFC 5280 profile). Its key decides how it signs; absent: a new one of ECDSA P-256. */
export async function createAuthority(name: string, keys?: KeyPair): Promise<Authority> {
  const own = keys ?? (await newKeyPair('ecdsa-p256'));
  return new Issuer(await certifyAuthority(name, own), own, '');
}

/** The certificate of an authority, self-signed where no issuer is given. */
async function certifyAuthority(
  name: string,
  keys: KeyPair,
  issuer?: { certificate: x509.X509Certificate; keys: KeyPair },
): Promise<x509.X509Certificate> {
  return certify({
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subjectName ?? `CN=${name}`,
    keys,
    signer: issuer?.keys ?? keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectKeyIdentifierExtension(keyId(keys)),
      ...(issuer ? [new x509.AuthorityKeyIdentifierExtension(keyId(issuer.keys))] : []),
    ],
    ...validity(),
  });
}

class Issuer implements Authority {
  readonly certPem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: KeyPair;
  /** What its leaves send after their own. */
  readonly #chainPem: string;

  constructor(certificate: x509.X509Certificate, keys: KeyPair, chainPem: string) {
    this.certPem = toPem(certificate);
    this.#certificate = certificate;
    this.#keys = keys;
    this.#chainPem = chainPem;
  }

  async issue(options: LeafOptions): Promise<Identity> {
    const { name, use, dnsNames = [], ipAddresses = [], paddingBytes = 0, expired = false } = options;
    const keys = options.keys ?? (await newKeyPair(this.#keys.type));
    const names = [
      ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
      ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
    ];
    const extensions: x509.Extension[] = [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.AuthorityKeyIdentifierExtension(keyId(this.#keys)),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ];
    if (paddingBytes !== 0) {
      const others = extensions.reduce((sum, { rawData }) => sum + rawData.byteLength, 0);
      extensions.push(new x509.Extension(paddingExtension(paddingBytes, others)));
    }
    const certificate = await certify({
      subject: `CN=${name}`,
      issuer: this.#certificate.subjectName,
      keys,
      signer: this.#keys,
      extensions,
      ...validity(expired ? -3 * VALID_AFTER_MS : 0),
    });
    return {
      certPem: toPem(certificate) + this.#chainPem,
      keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
  }

  async delegate(name: string, keys?: KeyPair): Promise<Authority> {
    const own = keys ?? (await newKeyPair(this.#keys.type));
    const certificate = await certifyAuthority(name, own, {
      certificate: this.#certificate,
      keys: this.#keys,
    });
    return new Issuer(certificate, own, toPem(certificate) + this.#chainPem);
  }

  revoke(serialNumbers: readonly string[], others = 0): Promise<string> {
    const { notBefore, notAfter } = validity();
    return revocationList({
      issuerName: new Uint8Array(this.#certificate.subjectName.toArrayBuffer()),
      keyIdentifier: new Uint8Array(new x509.AuthorityKeyIdentifierExtension(keyId(this.#keys)).rawData),
      keys: this.#keys,
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      revoked: [
        ...Array.from({ length: others }, newSerial),
        ...serialNumbers.map((serial) => Buffer.from(serial, 'hex')),
      ],
    });
  }
}

interface CertificateOptions {
  subject: string;
  issuer: string | x509.Name;
  keys: KeyPair;
  signer: KeyPair;
  extensions: x509.Extension[];
  notBefore: Date;
  notAfter: Date;
}

function certify({ keys, signer, ...rest }: CertificateOptions): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create(
    {
      ...rest,
      serialNumber: newSerial().toString('hex'),
      publicKey: new Uint8Array(keys.publicKey.export({ type: 'spki', format: 'der' })),
      signingKey: signingKey(signer),
      signingAlgorithm: keyKind(signer.type).algorithm,
    },
    SIGNER,
  );
}

/** Always of the same length in DER: positive, and without zeros in front. */
function newSerial(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

function keyId({ publicKey }: KeyPair): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, KEY_ID_BYTES).toString('hex');
}

function toPem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function validity(shiftMs = 0): { notBefore: Date; notAfter: Date } {
  const now = Date.now() + shiftMs;
  return { notBefore: new Date(now - VALID_BEFORE_MS), notAfter: new Date(now + VALID_AFTER_MS) };
}
