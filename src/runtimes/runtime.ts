/** A JavaScript runtime with its TLS stack, which a client or a broker may run on. */
export interface Runtime {
  name: string;
  /** A few words for tables: the runtime and its TLS library. */
  title: string;
  /**
   * The npm package that ships the binary by `platform-arch`, and the binary's place in it. A platform that is missing
   * has none. Undefined: the Node that runs this.
   */
  packages: Readonly<Record<string, { name: string; binary: string }>> | undefined;
  /** Arguments in front of the module. */
  args: readonly string[];
  /** The environment variable for a folder of what it keeps between runs; one beside its binary is named. */
  cacheVariable?: string;
  /** Whether it takes `--openssl-config`. */
  readsOpensslConfig: boolean;
  /** What its TLS interface does not tell of a connection; the wire tells it where a link looks. */
  untold: readonly ('group' | 'ticket')[];
  /** How messages cross its channel: the structured clone of V8 is Node's own. */
  serialization: 'advanced' | 'json';
}
