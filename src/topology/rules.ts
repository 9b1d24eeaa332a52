import type { OpenNamespace } from '../link/cables.ts';

/** What becomes of a client that dials a port which is closed to it: a TCP reset at once, or nothing. */
export type Closed = 'reject' | 'drop';

/**
 * A stateful packet filter in a namespace, as nftables(8) has it: new connections that come in through a device to
 * a port which was opened for it, and whatever belongs to a connection that was let in. Everything else is dropped, or TCP is answered by a reset.
 */
export class PacketFilter {
  readonly #namespace: OpenNamespace;
  readonly #open = new Set<string>();

  private constructor(namespace: OpenNamespace) {
    this.#namespace = namespace;
  }

  /** Makes a filtering router of a namespace. */
  static async between(namespace: OpenNamespace, closed: Closed): Promise<PacketFilter> {
    const filter = new PacketFilter(namespace);
    await filter.#nft(rules(closed));
    await namespace.forward();
    return filter;
  }

  /** Lets connections to a port through that come in through a device of the namespace. */
  async open(device: string, port: number): Promise<void> {
    const element = `"${device}" . ${port}`;
    if (this.#open.has(element)) return;
    this.#open.add(element);
    await this.#nft(`add element inet bench mqtt { ${element} }`);
  }

  async #nft(text: string): Promise<void> {
    await this.#namespace.run(['nft', '-f', '-'], text);
  }
}

function rules(closed: Closed): string {
  return `table inet bench {
  set mqtt { type ifname . inet_service; }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname . tcp dport @mqtt tcp flags & (fin|syn|rst|ack) == syn ct state new accept
    ${closed === 'reject' ? 'meta l4proto tcp reject with tcp reset' : ''}
  }
}
`;
}
