import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';

const openvpnSchema = z.strictObject({ device: z.string(), options: z.array(z.string()) });

/** What the runner and the keeper of one end's tunnels say to each other. */
export const tunnelProtocol = {
  role: 'tunnel',
  isTimed: false,
  calls: {
    /** Starts a userland WireGuard for each device, and waits until all can be configured. */
    wireguard: { params: z.strictObject({ devices: z.array(z.string()).min(1) }), result: z.void() },
    /** Starts an OpenVPN server, and waits until it is ready. */
    openvpnServer: { params: openvpnSchema, result: z.void() },
    /** Starts an OpenVPN client that holds until it is raised, and raises it. */
    openvpnClient: { params: openvpnSchema, result: z.void() },
    /** Configures a WireGuard device, in the lines of its cross-platform interface. */
    set: { params: z.strictObject({ device: z.string(), lines: z.array(z.string()) }), result: z.void() },
    /** Whether the peers of a WireGuard device have shaken hands. */
    isUp: { params: z.strictObject({ device: z.string() }), result: z.boolean() },
    /**
     * Lends tunnels, on loopback of the namespace, to clients that want cold ones. One that is given back is lowered some
     * time after its last connection has closed.
     */
    lend: {
      params: z.strictObject({
        tunnels: z.array(
          z.discriminatedUnion('kind', [
            z.strictObject({
              kind: z.literal('wireguard'),
              device: z.string(),
              target: z.string(),
              forget: z.string(),
              lines: z.array(z.string()),
            }),
            z.strictObject({ kind: z.literal('openvpn'), device: z.string(), target: z.string() }),
          ]),
        ),
        settleMs: z.int().nonnegative(),
      }),
      result: z.strictObject({ port: z.int() }),
    },
    /** Of the programs alone. */
    programUsage: {
      params: z.null(),
      result: z.strictObject({ cpuSeconds: z.number(), maxRssBytes: z.number() }),
    },
  },
  /** A program has ended by itself, or a tunnel cannot be lowered. */
  events: z.strictObject({ name: z.string(), how: z.string() }),
} satisfies Protocol;
