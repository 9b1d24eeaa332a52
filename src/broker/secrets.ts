import * as z from 'zod';
import { environmentError } from '../errors.ts';
import type { Credentials } from './peer.ts';

const REFERENCE = /^env:([A-Za-z_]\w*)$/;

/**
 * A secret as a scenario may have it: the name of an environment variable. A scenario is committed, copied into run
 * folders and quoted in messages, so what stands in it itself is no secret; and what is wrong with it is told without it.
 */
export function secretSchema(key: string, description: string) {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (typeof value === 'string' && REFERENCE.test(value)) return;
      context.addIssue({ code: 'custom', message: secretProblem(key) });
    })
    .meta({ type: 'string', pattern: REFERENCE.source, description });
}

/** What is wrong with a secret that stands in a scenario, with a variable's name to use in its place. */
export function secretProblem(key: string): string {
  const words = key.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const variable = words.startsWith('MQTT_') ? words : `MQTT_${words}`;
  return `a secret may not stand in a scenario, expected the name of an environment variable that has it: ${key}: env:${variable}`;
}

/** Whether a text names an environment variable. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** The value of the variable that `env:NAME` names. Throws an environment error (exit code 5) when it is not set. */
export function readSecret(reference: unknown, key: string): string {
  const name = REFERENCE.exec(String(reference))?.[1] ?? '';
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw environmentError(
    `The environment variable ${name}, which \`broker.${key}\` names, is not set`,
    `Set it where the bench is started: export ${name}=…`,
  );
}

/** Keys by which a scenario names a user; {@link credentialsOf} reads them. */
export const CREDENTIALS_SHAPE = {
  username: secretSchema('username', 'user name of CONNECT, as env:NAME').optional(),
  password: secretSchema('password', 'password of CONNECT, as env:NAME').optional(),
};

/** User name and password that the clients give; undefined where the scenario names neither. */
export function credentialsOf(options: Readonly<Record<string, unknown>>): Credentials | undefined {
  const given = (['username', 'password'] as const).filter((key) => options[key] !== undefined);
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map((key) => [key, readSecret(options[key], key)]));
}
