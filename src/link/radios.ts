import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { linkNameSchema } from './spec.ts';
import { parseProfiles } from './yaml-profiles.ts';

const milliwatts = z.number().positive().max(100_000).meta({ description: 'milliwatts' });
const kbitPerSecond = z.number().positive().max(10_000_000);

/** A state that ends by itself. */
const spellSchema = z.strictObject({ mw: milliwatts, seconds: z.number().positive().max(3600) });

const powers = {
  transmitMw: milliwatts,
  receiveMw: milliwatts,
  listenMw: milliwatts.meta({ description: 'connected, waiting for an answer' }),
  promotion: spellSchema.optional().meta({
    description: 'from sleep until the first packet may leave, once for each wake-up',
  }),
  tail: spellSchema.optional().meta({ description: 'still connected after the last packet' }),
  sleepMw: z.number().nonnegative().max(100_000),
  rateKbit: z
    .strictObject({ up: kbitPerSecond, down: kbitPerSecond })
    .meta({ description: 'kilobits a second at which it sends and receives while it does' }),
};

const words = {
  description: z.string().min(1).optional(),
  source: z.string().min(1).meta({ description: 'where the figures come from' }),
  synthetic: z.boolean().default(false).meta({
    description: 'true where a figure is a choice inside what the source reports',
  }),
};

/** A radio with every figure spelled out, as a scenario may write one of its own and results keep it. */
export const radioSchema = z.strictObject({ name: linkNameSchema, ...powers, ...words });
export type RadioProfile = z.infer<typeof radioSchema>;

const profileSchema = z.strictObject({
  ...powers,
  ...words,
  description: z.string().min(1),
  /** The named links that this is the radio of. */
  links: z.array(linkNameSchema),
});

/** The same folder seen from src/link and from dist/link. */
const FILE = new URL('../../netem/radios.yaml', import.meta.url);

let shipped: Map<string, z.infer<typeof profileSchema>> | undefined;

/** The radios that come with the tool, in the file's order. Throws a usage error when their file is not valid. */
function shippedRadios(): NonNullable<typeof shipped> {
  const path = fileURLToPath(FILE);
  shipped ??= readRadios(readFileSync(path, 'utf8'), relative(process.cwd(), path));
  return shipped;
}

/**
 * Reads radios out of YAML text. Throws a usage error that lists every problem as `file:line:column: what`. The file's
 * name is only used in messages.
 */
export function readRadios(text: string, file: string): Map<string, z.infer<typeof profileSchema>> {
  return parseProfiles(text, file, {
    what: 'radio profiles',
    schema: profileSchema,
    keys: Object.keys(profileSchema.shape),
  });
}

export function radioNames(): [string, ...string[]] {
  return [...shippedRadios().keys()] as [string, ...string[]];
}

/** A shipped radio. Throws a RangeError when there is none of that name. */
export function radioNamed(name: string): RadioProfile {
  const found = shippedRadios().get(name);
  if (found === undefined) throw new RangeError(`There is no radio '${name}'`);
  const { links: _links, ...radio } = found;
  return { name, ...radio };
}

/** The shipped radios that a named link is of; none for a link of somebody's own. */
export function radiosOfLink(link: string): RadioProfile[] {
  return [...shippedRadios()].flatMap(([name, { links }]) =>
    links.includes(link) ? [radioNamed(name)] : [],
  );
}
