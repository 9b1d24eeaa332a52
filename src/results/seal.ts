import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * SHA-256, in hexadecimal, of a results document without its own `sha256`, in the canonical form of RFC 8785, so that
 * neither the order of keys nor white space is part of it. No signature: it tells an edited file from the one that was
 * written, and not who wrote it.
 */
export function sealOf({ sha256: _own, ...document }: Readonly<Record<string, unknown>>): string {
  // As it is in a file; and RFC 8785 has no lone surrogates, which what a program said may be cut to.
  const plain: unknown = JSON.parse(JSON.stringify(document), (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return createHash('sha256')
    .update(canonicalize(plain) ?? '')
    .digest('hex');
}
