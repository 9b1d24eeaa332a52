import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Cable } from '../../link/cables.ts';
import { createPki } from '../../pki/create.ts';
import { needsFolder, PKI_FILES } from '../../pki/folder.ts';
import { DEFAULT_NEEDS } from '../../pki/needs.ts';
import { locateTool } from '../../process/tools.ts';
import type { Keeper } from './keeper.ts';
import type { ColdTunnel, Gateway, Tunnel } from './tunnel.ts';

const MTU = '1420';
const FIRST_PORT = 1194;
/** A network of eight addresses for each tunnel, in the upper half of its cable's: OpenVPN's own of the `subnet` topology. */
const NETWORK_FROM = 128;
const NETWORK_SIZE = 8;
const NETMASK = '255.255.255.248';

/**
 * Gateways of OpenVPN over UDP, with certificates of an authority of its own: one process for each tunnel and end, so that
 * each client has its own address and may come back to it. They do all of the protocol, DCO in the kernel is not used.
 */
export class OpenvpnGateway implements Gateway {
  readonly #keeper: Keeper;
  readonly #folder: string;
  readonly #common: readonly string[];
  #ports = FIRST_PORT;

  private constructor(keeper: Keeper, folder: string, common: readonly string[]) {
    this.#keeper = keeper;
    this.#folder = folder;
    this.#common = common;
  }

  static async open(keeper: Keeper, parent: string): Promise<OpenvpnGateway> {
    // Of its own: a run may have two of them, and tunnels are dug later.
    const folder = await mkdtemp(join(parent, 'openvpn-'));
    await createPki(folder, [DEFAULT_NEEDS]);
    return new OpenvpnGateway(keeper, folder, [...COMMON, ...withoutDco(await openvpnVersion())]);
  }

  /** The client's address in a tunnel: OpenVPN hands the second of the tunnel's network out. */
  addressOf(outer: Cable, index: number): string {
    return outer.further(NETWORK_FROM + NETWORK_SIZE * index + 2);
  }

  async dig(clients: Keeper, outer: Cable, tunnels: readonly Tunnel[]): Promise<ColdTunnel[]> {
    const cold: ColdTunnel[] = [];
    for (const [index, { device, address, target }] of tunnels.entries()) {
      const port = this.#ports++;
      const own = outer.further(NETWORK_FROM + NETWORK_SIZE * index + 1);
      // A pool has two addresses at least; a client gets the first, and by its name the same again.
      const pool: [string, string] = [address, outer.further(NETWORK_FROM + NETWORK_SIZE * index + 3)];
      const gatewayDevice = `${outer.broker.device}ov${index}`;
      await this.#keeper.call('openvpnServer', {
        device: gatewayDevice,
        options: [
          ...this.#common,
          ...this.#secrets('server'),
          ...serverOptions(gatewayDevice, port, own, pool),
        ],
      });
      await clients.call('openvpnClient', {
        device,
        options: [
          ...this.#common,
          ...this.#secrets('client'),
          ...clientOptions(device, outer.broker.address, port),
        ],
      });
      const { namespace } = outer.client;
      await namespace.run(['ip', 'route', 'add', target, 'dev', device, 'src', address]);
      if (index > 0) cold.push({ kind: 'openvpn', device, target });
    }
    return cold;
  }

  #secrets(end: 'server' | 'client'): string[] {
    const file = (name: keyof typeof PKI_FILES): string =>
      join(needsFolder(this.#folder, DEFAULT_NEEDS), PKI_FILES[name]);
    return end === 'server'
      ? ['--ca', file('clientCa'), '--cert', file('brokerCert'), '--key', file('brokerKey')]
      : ['--ca', file('ca'), '--cert', file('clientCert'), '--key', file('clientKey')];
  }
}

const COMMON = words(
  `--proto udp4 --dev-type tun --tun-mtu ${MTU} --persist-tun --persist-key ` +
    '--data-ciphers AES-128-GCM --verb 1 --script-security 0',
);

async function openvpnVersion(): Promise<string> {
  // 2.5 ends with exit code 1 after it has said its version.
  const { stdout } = await execa((await locateTool('openvpn')) ?? 'openvpn', ['--version'], {
    reject: false,
  });
  return stdout ?? '';
}

/** What keeps OpenVPN in userland, by what it says of its version: before 2.6 it is nowhere else, and has no such option. */
export function withoutDco(version: string): string[] {
  const [, major, minor] = (/^OpenVPN (\d+)\.(\d+)/m.exec(version) ?? []).map(Number);
  if (major === undefined || minor === undefined) return ['--disable-dco'];
  return major > 2 || (major === 2 && minor >= 6) ? ['--disable-dco'] : [];
}

function serverOptions(device: string, port: number, own: string, pool: [string, string]): string[] {
  return words(
    `--dev ${device} --mode server --tls-server --dh none --port ${port} --topology subnet ` +
      `--ifconfig ${own} ${NETMASK} --ifconfig-pool ${pool.join(' ')} ${NETMASK}`,
  ).concat('--push', 'topology subnet');
}

function clientOptions(device: string, host: string, port: number): string[] {
  return words(
    `--dev ${device} --client --nobind --remote ${host} ${port} --remote-cert-tls server --route-noexec ` +
      `--management /run/${device}.sock unix --management-hold`,
  );
}

/** None of these options has a space in it. */
function words(text: string): string[] {
  return text.split(' ');
}
