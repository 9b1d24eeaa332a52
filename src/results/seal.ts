import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * SHA-256, in hexadecimal, of a results document without its own `sha256`, in the canonical form of RFC 8785, so that
 * neither the order of keys nor white space is part of it. No signature: it tells an edited file from the one that was
 * written, and not who wrote it. Throws where a string has a lone surrogate, which the canonical form does not know.
 */
function sealOf(sealed: object): string {
  const { sha256: _own, ...document } = sealed as { sha256?: unknown };
  return createHash('sha256')
    .update(canonicalize(document) ?? '')
    .digest('hex');
}

/** Adds the seal. What a program said may be cut in the middle of a character: what is left of it becomes U+FFFD. */
export function seal<T extends object>(document: T): T & { sha256: string } {
  const plain = JSON.parse(JSON.stringify(document), (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  ) as T;
  return { ...plain, sha256: sealOf(plain) };
}

/** Whether a document, as it was read, is what was sealed; undefined of one that has no seal. */
export function isWhole(document: Readonly<Record<string, unknown>>): boolean | undefined {
  if (document['sha256'] === undefined) return undefined;
  try {
    return document['sha256'] === sealOf(document);
  } catch {
    return false;
  }
}
