import { createSecureContext } from 'node:tls';
import { environmentError, messageOf } from '../errors.ts';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { unsupportedKey } from '../pki/unsupported.ts';
import { makePlan, type Plan } from '../scenario/plan.ts';

/** A mode that this machine's TLS stack does not have, and why. */
export interface Unsupported {
  mode: string;
  reason: string;
}

/**
 * Leaves out of a plan what the TLS stack cannot do, found out by trying it. Throws an environment error (exit code 5)
 * when nothing is left.
 */
export async function leaveOutUnsupported(plan: Plan): Promise<{ plan: Plan; unsupported: Unsupported[] }> {
  const unsupported: Unsupported[] = [];
  for (const id of plan.scenario.modes) {
    const reason = await unsupportedBecause(modeNamed(id));
    if (reason !== undefined) unsupported.push({ mode: id, reason });
  }
  if (unsupported.length === 0) return { plan, unsupported };
  const modes = plan.scenario.modes.filter((id) => unsupported.every(({ mode }) => mode !== id));
  if (modes.length === 0) {
    throw environmentError(
      `This machine's TLS stack has none of the modes: ${unsupported.map(({ mode, reason }) => `${mode} (${reason})`).join('; ')}`,
      'Run on the Node that the lockfile pins: `npm run -s bench -- run …`.',
    );
  }
  return { plan: makePlan({ ...plan.scenario, modes }), unsupported };
}

async function unsupportedBecause({ security, axes, context }: Mode): Promise<string | undefined> {
  if (security === undefined) return undefined;
  try {
    // OpenSSL names groups and suites that it does not have.
    createSecureContext(context);
  } catch (error) {
    return messageOf(error);
  }
  return axes.key === undefined ? undefined : unsupportedKey(axes.key);
}
