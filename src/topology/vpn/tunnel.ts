import type { Cable } from '../../link/cables.ts';
import type { Keeper } from './keeper.ts';

/** One tunnel of a client, through a gateway, to an address behind it. */
export interface Tunnel {
  device: string;
  /** The client's own address in it. */
  address: string;
  /** What it leads to. */
  target: string;
}

/**
 * A tunnel that can be lowered again. WireGuard: by forgetting the public key of its peer, which the lines of its
 * configuration bring back.
 */
export type ColdTunnel =
  | { kind: 'wireguard'; device: string; target: string; forget: string; lines: string[] }
  | { kind: 'openvpn'; device: string; target: string };

/** The gateway's end of the tunnels of one kind. */
export interface Gateway {
  /** The address that a client has in its tunnel of that number. */
  addressOf(outer: Cable, index: number): string;
  /**
   * Makes tunnels from the clients' end of a cable. The first is up when this resolves, and stays up; the others are for
   * attempts that raise them: answers what lowers them again.
   */
  dig(clients: Keeper, outer: Cable, tunnels: readonly Tunnel[]): Promise<ColdTunnel[]>;
}
