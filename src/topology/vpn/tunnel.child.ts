import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { environmentError } from '../../errors.ts';
import { serve } from '../../process/serve.ts';
import { lend } from './control.ts';
import { Programs } from './programs.ts';
import { tunnelProtocol } from './tunnel.protocol.ts';
import { askWireguard, hasShakenHands } from './uapi.ts';

const TRY_EVERY_MS = 10;
const READY_WITHIN_MS = 10_000;
/** A packet that is still on its way to a tunnel that was lowered would raise it again. */
const LOWER_TRIES = 5;

let programs: Programs | undefined;

// This process keeps the programs of one end's tunnels, in the network namespace of that end and in a mount namespace
// of its own: they put sockets under /run, which another run's must not meet and nobody would remove after a kill.
serve(
  tunnelProtocol,
  ({ emit }) => {
    const own = new Programs((name, how) => emit({ name, how }));
    programs = own;
    return {
      wireguard: async ({ devices }) => {
        await execa('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
        for (const device of devices)
          own.start(device, ['wireguard-go', '-f', device], { LOG_LEVEL: 'error' });
        for (const device of devices) await untilConfigurable(device);
      },
      set: async ({ device, lines }) => void (await askWireguard(device, 'set', lines)),
      isUp: ({ device }) => hasShakenHands(device),
      lend: async ({ tunnels, settleMs }) => {
        const lower = async (index: number): Promise<void> => {
          const tunnel = tunnels[index];
          if (tunnel === undefined) throw new RangeError(`There is no tunnel ${index}`);
          for (let tries = 0; tries < LOWER_TRIES; tries++) {
            await sleep(settleMs);
            await askWireguard(tunnel.device, 'set', [`public_key=${tunnel.forget}`, 'remove=true']);
            await askWireguard(tunnel.device, 'set', tunnel.lines);
            await sleep(settleMs);
            if (!(await hasShakenHands(tunnel.device))) return;
          }
          throw environmentError(`The tunnel ${tunnel.device} does not grow cold`);
        };
        const targets = tunnels.map(({ target }) => target);
        // The first packet raises them.
        const raise = (): Promise<void> => Promise.resolve();
        const onTrouble = (how: string): void => emit({ name: 'WireGuard', how });
        return { port: await lend({ targets, raise, lower }, onTrouble) };
      },
      programUsage: () => own.usage(),
    };
  },
  () => programs?.kill(),
);

async function untilConfigurable(device: string): Promise<void> {
  const giveUp = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await askWireguard(device, 'get');
      return;
    } catch (error) {
      if (performance.now() > giveUp)
        throw environmentError(`WireGuard does not get ready for ${device}: ${String(error)}`);
    }
    await sleep(TRY_EVERY_MS);
  }
}
