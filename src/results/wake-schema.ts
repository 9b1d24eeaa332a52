import * as z from 'zod';
import { radioSchema } from '../link/radios.ts';
import { qosSchema } from '../swarm/workloads/settings/common.ts';

const millijoules = z.number().nonnegative();

/** What a wake-up took; medians over the good ones. Its times are the milestone `disconnected`. */
export const wakeSchema = z.strictObject({
  qos: qosSchema,
  payloadBytes: z.int().nonnegative(),
  messages: z.int().positive(),
  /**
   * From SYN to the last acknowledgement. `packets`: of all IP packets that left each end, headers of IP and TCP included, as
   * the link saw them. `stream`: of TLS and MQTT alone, where no link sees packets. All absent where nobody saw any.
   */
  bytes: z
    .strictObject({
      of: z.enum(['packets', 'stream']),
      up: z.number(),
      down: z.number(),
      packetsUp: z.number().optional(),
      packetsDown: z.number().optional(),
    })
    .optional(),
  /** Modelled from the median time awake and the median bytes, for each radio; empty without bytes. */
  energy: z.array(
    z.strictObject({
      radio: radioSchema,
      source: z.literal('modelled'),
      perWakeMillijoules: millijoules,
      /** By state of the radio; they add up. */
      parts: z.strictObject({
        promotion: millijoules,
        transmit: millijoules,
        receive: millijoules,
        listen: millijoules,
        tail: millijoules,
      }),
    }),
  ),
  /**
   * Connecting for every message against staying connected with pings: millijoules a message each `intervalSeconds`, sleep
   * included. Staying takes less from the `messages`-th message of a connection on; absent: it never does, or an older
   * file. And it does while messages are no further apart than `everySeconds`; absent: however far.
   */
  breakEven: z.array(
    z.strictObject({
      radio: z.string(),
      source: z.literal('modelled'),
      keepAliveSeconds: z.number().positive(),
      intervalSeconds: z.number().positive(),
      connectMillijoules: millijoules,
      stayMillijoules: millijoules,
      messages: z.int().positive().optional(),
      everySeconds: z.number().nonnegative().optional(),
    }),
  ),
});

export type Wake = z.infer<typeof wakeSchema>;
