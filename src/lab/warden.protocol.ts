import * as z from 'zod';
import type { Protocol } from '../process/protocol.ts';

/** What the runner and its warden say to each other. */
export const wardenProtocol = {
  role: 'warden',
  isTimed: false,
  calls: {
    /** Makes a folder that begins with a path, for the runner alone to see into, and removes it when that is gone. */
    makeFolder: { params: z.strictObject({ prefix: z.string() }), result: z.string() },
  },
  events: z.never(),
} satisfies Protocol;
