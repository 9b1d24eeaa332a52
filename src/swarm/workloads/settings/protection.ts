import * as z from 'zod';
import { REACHES } from '../../../payload/folder.ts';
import { METHOD_NAMES } from '../../../payload/index.ts';
import { uniqueList } from '../../../unique-list.ts';

const NAMES = METHOD_NAMES as readonly [string, ...string[]];
const NOTHING = 'none';

const methodSchema = z
  .enum(NAMES)
  .meta({ description: 'a way to protect a payload; the command `payload` lists them' });

/** How payloads of a cell are protected. */
export const protectionSchema = z.strictObject({ method: methodSchema, place: z.enum(REACHES) });
export type Protection = z.infer<typeof protectionSchema>;

const itemSchema = z.union([
  z.enum([NOTHING, ...NAMES]),
  z.strictObject({
    method: methodSchema,
    place: z.enum(REACHES).default('end-to-end').meta({
      description:
        'end-to-end: subscribers open each message; client-to-broker: the broker does, before it distributes them',
    }),
  }),
]);
type ProtectionItem = z.output<typeof itemSchema>;

/** As a scenario writes it; a list multiplies to workloads. */
export const protectionInputSchema = z
  .union([itemSchema, uniqueList(itemSchema, (item) => protectionName(protectionOf(item)))])
  .meta({ description: 'how payloads are protected, beside TLS or without it (default none)' });
type ProtectionInput = z.output<typeof protectionInputSchema>;

/** Every protection that a scenario asks for; undefined: none. */
export function protectionsOf(input: ProtectionInput | undefined): (Protection | undefined)[] {
  const items: ProtectionItem[] = Array.isArray(input) ? input : [input ?? NOTHING];
  return items.map(protectionOf);
}

function protectionOf(item: ProtectionItem): Protection | undefined {
  if (item === NOTHING) return undefined;
  return typeof item === 'string' ? { method: item, place: 'end-to-end' } : item;
}

/** `aes-128-gcm`, `aes-128-gcm@client-to-broker`, or `none`. */
export function protectionName(protection: Protection | undefined): string {
  if (protection === undefined) return NOTHING;
  const { method, place } = protection;
  return place === 'end-to-end' ? method : `${method}@${place}`;
}
