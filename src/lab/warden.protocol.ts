import * as z from 'zod';
import type { Protocol } from '../process/protocol.ts';

/** What the runner and its warden say to each other. */
export const wardenProtocol = {
  role: 'warden',
  calls: { guard: { params: z.strictObject({ folder: z.string() }), result: z.void() } },
  events: z.never(),
} satisfies Protocol;
