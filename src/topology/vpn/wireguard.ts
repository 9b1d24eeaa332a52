import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentError } from '../../errors.ts';
import type { Cable, Namespace } from '../../link/cables.ts';
import type { Keeper } from './keeper.ts';
import type { ColdTunnel, Gateway, Tunnel } from './tunnel.ts';

/** What WireGuard leaves of 1500 bytes, over IPv6 as well: wg-quick(8). */
const MTU = '1420';
const PORT = 51_820;
/** Last bytes of the clients' addresses in their tunnels. */
const CLIENTS_FROM = 100;
const UP_WITHIN_MS = 20_000;

interface Keys {
  privateKey: string;
  publicKey: string;
}

/** The gateway's end of all tunnels. */
export class WireguardGateway implements Gateway {
  readonly device = 'wg0';
  readonly #keys = newKeys();
  readonly #keeper: Keeper;
  readonly #namespace: Namespace;

  private constructor(keeper: Keeper, namespace: Namespace) {
    this.#keeper = keeper;
    this.#namespace = namespace;
  }

  static async open(keeper: Keeper, namespace: Namespace): Promise<WireguardGateway> {
    const gateway = new WireguardGateway(keeper, namespace);
    const { device } = gateway;
    await keeper.call('wireguard', { devices: [device] });
    await keeper.call('set', {
      device,
      lines: [`private_key=${gateway.#keys.privateKey}`, `listen_port=${PORT}`],
    });
    await namespace.run(['ip', 'link', 'set', 'dev', device, 'mtu', MTU, 'up']);
    return gateway;
  }

  addressOf(outer: Cable, index: number): string {
    return outer.further(CLIENTS_FROM + index);
  }

  async dig(clients: Keeper, outer: Cable, tunnels: readonly Tunnel[]): Promise<ColdTunnel[]> {
    await clients.call('wireguard', { devices: tunnels.map(({ device }) => device) });
    const cold: ColdTunnel[] = [];
    for (const [index, { device, address, target }] of tunnels.entries()) {
      const own = newKeys();
      const peer = [
        `public_key=${this.#keys.publicKey}`,
        `endpoint=${outer.broker.address}:${PORT}`,
        `allowed_ip=${target}/32`,
      ];
      await this.#keeper.call('set', {
        device: this.device,
        lines: [`public_key=${own.publicKey}`, `allowed_ip=${address}/32`],
      });
      await this.#namespace.run(['ip', 'route', 'add', address, 'dev', this.device]);
      const warm = index === 0 ? ['persistent_keepalive_interval=25'] : [];
      await clients.call('set', { device, lines: [`private_key=${own.privateKey}`, ...peer, ...warm] });
      const { namespace } = outer.client;
      await namespace.run(['ip', 'addr', 'add', address, 'dev', device]);
      await namespace.run(['ip', 'link', 'set', 'dev', device, 'mtu', MTU, 'up']);
      await namespace.run(['ip', 'route', 'add', target, 'dev', device, 'src', address]);
      if (index > 0)
        cold.push({ kind: 'wireguard', device, target, forget: this.#keys.publicKey, lines: peer });
    }
    const [first] = tunnels;
    if (first !== undefined) await untilUp(clients, first.device);
    return cold;
  }
}

async function untilUp(clients: Keeper, device: string): Promise<void> {
  const giveUp = performance.now() + UP_WITHIN_MS;
  while (!(await clients.call('isUp', { device }))) {
    if (performance.now() > giveUp)
      throw environmentError(
        `The WireGuard tunnel ${device} did not come up within ${UP_WITHIN_MS / 1000} s`,
      );
    await sleep(20);
  }
}

/** A pair of Curve25519 keys, in the hexadecimal form of WireGuard's interface. */
function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const hex = (part: string | undefined): string => Buffer.from(part ?? '', 'base64url').toString('hex');
  return {
    privateKey: hex(privateKey.export({ format: 'jwk' }).d),
    publicKey: hex(publicKey.export({ format: 'jwk' }).x),
  };
}
