import { createSecureContext, type SecureContext } from 'node:tls';
import * as z from 'zod';
import { peerSchema, type Peer } from '../broker/peer.ts';
import { messageOf } from '../errors.ts';
import { modeNamed } from '../modes/index.ts';
import type { ClientMaterial } from '../pki/material.ts';
import type { CertificateNeeds } from '../pki/needs.ts';
import { tunnelsSchema } from './tunnels.ts';

/** Where the clients of a cell dial, and how they secure what they dial. */
export const targetSchema = z.strictObject({
  cell: z.int().nonnegative(),
  mode: z.string(),
  host: z.string(),
  port: z.int(),
  /** What a real TCP connect would have cost where the link cannot show it; 0 where it is real. */
  modelledConnectMs: z.number().nonnegative(),
  /** What CONNECT carries (OASIS MQTT 3.1.1 §3.1.3.4, §3.1.3.5); absent: neither. */
  credentials: z
    .strictObject({ username: z.string().optional(), password: z.string().optional() })
    .optional(),
  /** What client identifiers begin with, where the broker knows its clients by that; absent: nothing. */
  clientIdPrefix: z.string().optional(),
  /** What the clients hold, where that is not of the run's own PKI. */
  peer: peerSchema.optional(),
  /** The port is closed on the way, and the attempt is to see a reset (`reject`), or nothing until its time is up (`drop`). */
  closed: z.enum(['reject', 'drop']).optional(),
  /** Cold tunnels, of which each attempt takes one instead of dialling `host`. */
  tunnels: tunnelsSchema.optional(),
  /** What the broker must deny a client that it has let in; absent: nothing. */
  denied: z.enum(['connect', 'publish', 'subscribe']).optional(),
});

export type TargetInput = z.infer<typeof targetSchema>;

/** The step at which a client is refused: the TLS handshake, CONNECT, or the packet that names a topic. */
export type RefusedAt = 'handshake' | 'connect' | 'publish' | 'subscribe';

/** A target with its secure context, which all clients of a process share. */
export interface Target extends TargetInput {
  /** Undefined on plain TCP. */
  tls:
    | {
        context: SecureContext;
        psk: { identity: string; key: Buffer } | undefined;
        /** Sessions of earlier connections, one for each attempt; undefined in modes that resume none. */
        sessions: Buffer[] | undefined;
      }
    | undefined;
  noDelay: boolean;
  /** Where the broker must refuse the clients; undefined: nowhere. */
  refusedAt: RefusedAt | undefined;
  pipelined: boolean;
  /** The protocol level of CONNECT (OASIS MQTT 3.1.1 and 5.0, §3.1.2.2). */
  protocolVersion: 4 | 5;
}

/** A target that this process's TLS stack cannot serve, with the stack's own words. */
export interface Unserved {
  cell: number;
  reason: string;
}

/** Makes the secure contexts of a process's targets. `materialOf` reads what a mode's clients hold. */
export async function makeTargets(
  inputs: readonly TargetInput[],
  materialOf: (needs: CertificateNeeds) => Promise<ClientMaterial>,
): Promise<{ targets: Map<number, Target>; unserved: Unserved[] }> {
  const contexts = new Map<string, SecureContext>();
  const targets = new Map<number, Target>();
  const unserved: Unserved[] = [];
  for (const input of inputs) {
    const mode = modeNamed(input.mode);
    const own = await materialOf(mode.needs);
    const client = mode.client(input.peer === undefined ? own : peerMaterial(input.peer, own));
    const contextKey = JSON.stringify([mode.name, input.peer]);
    let context = contexts.get(contextKey);
    try {
      context ??= client && createSecureContext(client.context);
    } catch (error) {
      unserved.push({ cell: input.cell, reason: messageOf(error) });
      continue;
    }
    if (context !== undefined) contexts.set(contextKey, context);
    targets.set(input.cell, {
      ...input,
      tls:
        client === undefined || context === undefined
          ? undefined
          : { context, psk: client.psk, sessions: mode.resumption === undefined ? undefined : [] },
      noDelay: mode.expected.clientNoDelay,
      refusedAt: mode.refusedAt ?? input.denied,
      pipelined: mode.pipelined,
      protocolVersion: mode.mqtt === '5' ? 5 : 4,
    });
  }
  return { targets, unserved };
}

/** What a mode does not ask for is not sent, so that of the run's own may stand in its place. */
function peerMaterial({ caPem, identity, psk }: Peer, own: ClientMaterial): ClientMaterial {
  return {
    caPem,
    identity: identity ?? own.identity,
    psk: psk === undefined ? own.psk : { identity: psk.identity, key: Buffer.from(psk.keyHex, 'hex') },
  };
}
