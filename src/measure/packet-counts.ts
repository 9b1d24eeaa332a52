import * as z from 'zod';

/** IP packets that left each end, lost ones too, and their bytes with all headers of IP and TCP. */
export const packetCountsSchema = z.strictObject({
  up: z.int().nonnegative(),
  down: z.int().nonnegative(),
  bytesUp: z.int().nonnegative(),
  bytesDown: z.int().nonnegative(),
});

export type PacketCounts = z.infer<typeof packetCountsSchema>;
