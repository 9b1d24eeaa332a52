import * as z from 'zod';
import type { Protocol } from './protocol.ts';

const portSchema = z.int().min(1).max(65_535);

const endSchema = z.strictObject({ how: z.string(), output: z.string() });
/** How a program ended (a signal's name, or `exit code N`), and what it said last. */
export type ProgramEnd = z.infer<typeof endSchema>;

/** What the runner and the keeper of a foreign program say to each other. */
export const programProtocol = {
  role: 'program',
  isTimed: false,
  calls: {
    /** Ports that nothing listens on, in the keeper's own network namespace. */
    freePorts: {
      params: z.strictObject({ host: z.string(), count: z.int().nonnegative() }),
      result: z.array(portSchema),
    },
    /** Throws when a program could not listen on one of them: it is in use, or needs rights. */
    checkPorts: {
      params: z.strictObject({ host: z.string(), ports: z.array(portSchema) }),
      result: z.void(),
    },
    start: {
      params: z.strictObject({
        command: z.array(z.string()).min(1),
        env: z.record(z.string(), z.string()),
        folder: z.string().optional(),
        /** Where it will listen; nobody else may. */
        ready: z.array(z.strictObject({ host: z.string(), port: portSchema })),
        /** What it is started under, so that it ends when its keeper is killed; nothing where there is no such thing. */
        dieWith: z.array(z.string()),
        /** Whether all that it says is to be told. */
        tells: z.boolean(),
      }),
      result: z.strictObject({ pid: z.int() }),
    },
    /** Answers when the port accepts a connection; throws when it does not in time, or the program has ended. */
    waitForPort: {
      params: z.strictObject({ host: z.string(), port: portSchema, withinMs: z.int().positive() }),
      result: z.void(),
    },
    /** Answers when the program has said a text; throws when it does not in time, or has ended. */
    waitForText: {
      params: z.strictObject({ text: z.string().min(1), withinMs: z.int().positive() }),
      result: z.void(),
    },
    /** Answers when the program has ended by itself, with its end; throws when it has not in time. */
    waitForEnd: { params: z.strictObject({ withinMs: z.int().positive() }), result: endSchema },
    /** Of the program and all that it started. */
    programUsage: {
      params: z.null(),
      result: z.strictObject({ cpuSeconds: z.number(), maxRssBytes: z.number(), rssBytes: z.number() }),
    },
    /** What it said last, on standard output and standard error. */
    output: { params: z.null(), result: z.string() },
    /** SIGTERM, and SIGKILL when it has not ended in time; then SIGKILL to all that it has left running. */
    end: { params: z.strictObject({ withinMs: z.int().positive() }), result: z.void() },
  },
  events: z.discriminatedUnion('kind', [
    endSchema.extend({ kind: z.literal('ended') }),
    z.strictObject({ kind: z.literal('said'), text: z.string() }),
  ]),
} satisfies Protocol;
