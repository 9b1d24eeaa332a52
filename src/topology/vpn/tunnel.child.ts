import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { environmentError } from '../../errors.ts';
import { serve } from '../../process/serve.ts';
import { lend } from './control.ts';
import { OpenvpnClient } from './management.ts';
import { Programs } from './programs.ts';
import { tunnelProtocol } from './tunnel.protocol.ts';
import type { ColdTunnel } from './tunnel.ts';
import { askWireguard, hasShakenHands } from './uapi.ts';

const TRY_EVERY_MS = 10;
const READY_WITHIN_MS = 10_000;
const OPENVPN_IS_READY = 'Initialization Sequence Completed';
const LOWER_TRIES = 5;

let programs: Programs | undefined;

// This process keeps the programs of one end's tunnels, in the network namespace of that end and in a mount namespace
// of its own: they put sockets under /run, which another run's must not meet and nobody would remove after a kill.
serve(
  tunnelProtocol,
  ({ emit }) => {
    const own = new Programs((name, how) => emit({ name, how }));
    programs = own;
    const openvpn = new Map<string, OpenvpnClient>();
    return {
      wireguard: async ({ devices }) => {
        await hideRun();
        for (const device of devices)
          own.start(`wireguard-go (${device})`, ['wireguard-go', '-f', device], { LOG_LEVEL: 'error' });
        for (const device of devices) await untilConfigurable(device);
      },
      openvpnServer: async ({ device, options }) => {
        const server = own.start(`openvpn (${device})`, ['openvpn', ...options]);
        await until(
          () => `an OpenVPN server gets ready:\n${server.output()}`,
          () => server.output().includes(OPENVPN_IS_READY),
        );
      },
      openvpnClient: async ({ device, options }) => {
        await hideRun();
        own.start(`openvpn (${device})`, ['openvpn', ...options]);
        const client = await OpenvpnClient.at(`/run/${device}.sock`);
        openvpn.set(device, client);
        await client.raise();
      },
      set: async ({ device, lines }) => void (await askWireguard(device, 'set', lines)),
      isUp: ({ device }) => hasShakenHands(device),
      lend: async ({ tunnels, settleMs }) => {
        const ofIndex = (index: number): ColdTunnel => {
          const tunnel = tunnels[index];
          if (tunnel === undefined) throw new RangeError(`There is no tunnel ${index}`);
          return tunnel;
        };
        const lower = async (index: number): Promise<void> => {
          const tunnel = ofIndex(index);
          await sleep(settleMs);
          if (tunnel.kind === 'openvpn') await openvpn.get(tunnel.device)?.lower();
          else await lowerWireguard(tunnel, settleMs);
        };
        const raise = async (index: number): Promise<void> => {
          await openvpn.get(ofIndex(index).device)?.raise();
        };
        for (const { device } of tunnels) await openvpn.get(device)?.lower();
        const targets = tunnels.map(({ target }) => target);
        const onTrouble = (how: string): void => emit({ name: 'tunnel', how });
        return { port: await lend({ targets, raise, lower }, onTrouble) };
      },
      programUsage: () => own.usage(),
    };
  },
  () => programs?.kill(),
);

let hiding: Promise<unknown> | undefined;

/** Sockets of programs under /run are nobody else's matter. Once, for a second mount would hide what is there by then. */
async function hideRun(): Promise<void> {
  hiding ??= execa('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  try {
    await hiding;
  } catch (error) {
    hiding = undefined;
    throw error;
  }
}

/** Forgets the peer, and brings it back; again where a packet that was still on its way has raised the tunnel meanwhile. */
async function lowerWireguard(
  { device, forget, lines }: Extract<ColdTunnel, { kind: 'wireguard' }>,
  settleMs: number,
): Promise<void> {
  for (let tries = 0; tries < LOWER_TRIES; tries++) {
    await askWireguard(device, 'set', [`public_key=${forget}`, 'remove=true']);
    await askWireguard(device, 'set', lines);
    await sleep(settleMs);
    if (!(await hasShakenHands(device))) return;
  }
  throw environmentError(`The tunnel ${device} does not grow cold`);
}

async function untilConfigurable(device: string): Promise<void> {
  await until(
    () => `WireGuard gets ready for ${device}`,
    () =>
      askWireguard(device, 'get').then(
        () => true,
        () => false,
      ),
  );
}

async function until(what: () => string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + READY_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > giveUp)
      throw environmentError(`Waited ${READY_WITHIN_MS / 1000} s in vain until ${what()}`);
    await sleep(TRY_EVERY_MS);
  }
}
