import { createSecureContext } from 'node:tls';
import { brokerNamed } from '../broker/index.ts';
import { environmentError, messageOf } from '../errors.ts';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { unsupportedKey } from '../pki/unsupported.ts';
import { makePlan, type Plan } from '../scenario/plan.ts';
import type { BrokerChoice } from '../scenario/scenario.ts';

/** A mode that cannot be run here, and why. */
export interface Unsupported {
  mode: string;
  reason: string;
}

/**
 * Leaves out of a plan what the TLS stack or the brokers cannot do; the former is found out by trying it. Throws an environment error (exit code 5)
 * when nothing is left.
 */
export async function leaveOutUnsupported(plan: Plan): Promise<{ plan: Plan; unsupported: Unsupported[] }> {
  const unsupported: Unsupported[] = [];
  for (const id of plan.scenario.modes) {
    const mode = modeNamed(id);
    const reason = mqttLack(mode, plan.scenario.brokers) ?? (await unsupportedBecause(mode));
    if (reason !== undefined) unsupported.push({ mode: id, reason });
  }
  if (unsupported.length === 0) return { plan, unsupported };
  const modes = plan.scenario.modes.filter((id) => unsupported.every(({ mode }) => mode !== id));
  if (modes.length === 0) {
    throw environmentError(
      `None of the modes can be run here: ${unsupported.map(({ mode, reason }) => `${mode} (${reason})`).join('; ')}`,
      'Run on the Node that the lockfile pins: `npm run -s bench -- run …`. The command `modes` lists what there is.',
    );
  }
  return { plan: makePlan({ ...plan.scenario, modes }), unsupported };
}

/** Why no broker speaks a mode's MQTT version; undefined when one does. */
function mqttLack({ mqtt }: Mode, brokers: readonly BrokerChoice[]): string | undefined {
  const kinds = brokers.map(({ name }) => brokerNamed(name));
  if (kinds.some(({ mqttVersions }) => mqttVersions.includes(mqtt))) return undefined;
  return [...new Set(kinds)]
    .map(({ name, mqttVersions }) => `${name} speaks MQTT ${mqttVersions.join(' and ')} only`)
    .join(', ');
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
