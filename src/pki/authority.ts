// @peculiar/x509 resolves its classes through tsyringe, which needs this polyfill first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type Identity } from './material.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** A run's certificates live for a day; the hour before covers clocks that lag. */
const VALID_BEFORE_MS = 3_600_000;
const VALID_AFTER_MS = 86_400_000;
/** A private extension under the enterprise number that is set aside for examples (RFC 5612). */
const PADDING_OID = '1.3.6.1.4.1.32473.1';

export interface LeafOptions {
  /** The subject's common name. */
  name: string;
  use: 'server' | 'client';
  /** Subject alternative names; what a client checks of a server certificate. */
  dnsNames?: string[];
  ipAddresses?: string[];
  /**
   * Bytes of a non-critical extension that says nothing, beside the certificate's own 500 or so: what a larger
   * certificate costs on the link. They are random, so that certificate compression (RFC 8879) cannot take them back.
   */
  paddingBytes?: number;
}

/** A certificate authority that lives in memory for one run. */
export interface Authority {
  certPem: string;
  issue(options: LeafOptions): Promise<Identity>;
}

/** Makes a self-signed CA (ECDSA P-256, RFC 5280 profile) that can issue leaves. */
export async function createAuthority(name: string): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: commonName(name),
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certPem: `${certificate.toString('pem')}\n`,
    issue: (options) => issueLeaf(certificate, keys, options),
  };
}

async function issueLeaf(
  issuer: x509.X509Certificate,
  issuerKeys: webcrypto.CryptoKeyPair,
  { name, use, dnsNames = [], ipAddresses = [], paddingBytes = 0 }: LeafOptions,
): Promise<Identity> {
  const keys = await newKeys();
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: commonName(name),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: issuerKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ...(paddingBytes === 0 ? [] : [new x509.Extension(PADDING_OID, false, randomBytes(paddingBytes))]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function commonName(name: string): string {
  return `CN=${name}`;
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - VALID_BEFORE_MS), notAfter: new Date(now + VALID_AFTER_MS) };
}
