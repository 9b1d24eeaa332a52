import { createSecureContext, type SecureContext } from 'node:tls';
import * as z from 'zod';
import { modeNamed } from '../modes/index.ts';
import type { ClientMaterial } from '../pki/material.ts';

/** Where the clients of a cell dial, and how they secure what they dial. */
export const targetSchema = z.strictObject({
  cell: z.int().nonnegative(),
  mode: z.string(),
  host: z.string(),
  port: z.int(),
  /** What a real TCP connect would have cost where the link cannot show it; 0 where it is real. */
  modelledConnectMs: z.number().nonnegative(),
});

export type TargetInput = z.infer<typeof targetSchema>;

/** A target with its secure context, which all clients of a process share. */
export interface Target extends TargetInput {
  /** Undefined on plain TCP. */
  tls: { context: SecureContext; psk: { identity: string; key: Buffer } | undefined } | undefined;
}

/** Makes the secure contexts of a process's targets. */
export function makeTargets(inputs: readonly TargetInput[], material: ClientMaterial): Map<number, Target> {
  const contexts = new Map<string, Target['tls']>();
  for (const { mode } of inputs) {
    if (contexts.has(mode)) continue;
    const client = modeNamed(mode).client(material);
    contexts.set(
      mode,
      client === undefined ? undefined : { context: createSecureContext(client.context), psk: client.psk },
    );
  }
  return new Map(inputs.map((input) => [input.cell, { ...input, tls: contexts.get(input.mode) }]));
}
