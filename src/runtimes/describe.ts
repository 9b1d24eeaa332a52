/** What this process runs on, with the versions that it tells: `Node 26.10.0, OpenSSL 3.5.8`. */
export function describeThisRuntime(): string {
  const { node, bun, deno, openssl, boringssl } = process.versions;
  if (bun !== undefined) return `Bun ${bun}, BoringSSL ${boringssl?.slice(0, 7) ?? 'of an unknown version'}`;
  // It does not tell the version of rustls.
  if (deno !== undefined) return `Deno ${deno}, rustls`;
  return `Node ${node}, OpenSSL ${openssl}`;
}
