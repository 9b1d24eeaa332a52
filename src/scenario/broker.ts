import * as z from 'zod';
import type { BrokerChoice, BrokerKind } from '../broker/broker.ts';
import { BROKERS, brokerNamed } from '../broker/index.ts';
import { usageError } from '../errors.ts';
import { OWN_RUNTIME, RUNTIME_NAMES, type RuntimeName } from '../runtimes/index.ts';
import { labelSchema } from './label.ts';
import { didYouMean } from './suggest.ts';
import { or } from './wording.ts';

const COMMON = {
  label: labelSchema.optional(),
  port: z.int().min(1).max(65_000).optional().meta({
    description: 'port of the first listener, one more for each further mode; absent: any free port',
  }),
  noDelay: z
    .boolean()
    .optional()
    .meta({ description: "false leaves Nagle's algorithm on at the broker (default true)" }),
};

const KINDS: readonly BrokerKind[] = BROKERS;

const objects = KINDS.map(({ name, shape, elsewhere }) => {
  const { label } = COMMON;
  return z.strictObject({ name: z.literal(name), ...(elsewhere === true ? { label } : COMMON), ...shape });
});

/** Those of which a name says enough. */
const bareNames = KINDS.filter(({ shape }) => z.object(shape).safeParse({}).success).map(({ name }) => name);

/** Any kind of broker by its name, or with settings: those of all, and those of its kind. */
export const brokerSchema = z.union([
  z.enum(bareNames),
  z.discriminatedUnion('name', objects as [(typeof objects)[number], ...typeof objects]),
]);

/** A broker as a scenario has it. */
export type BrokerInput = string | BrokerObject;

interface BrokerObject {
  name: string;
  label?: string | undefined;
  port?: number | undefined;
  noDelay?: boolean | undefined;
  runtime?: unknown;
  [option: string]: unknown;
}

/** What a broker is called in cells: two of one name may stand beside each other when they differ in a factor or label. */
export function brokerId(broker: BrokerInput): string {
  if (typeof broker === 'string') return broker;
  const { name, label, noDelay, access } = broker;
  const runtime = runtimeOf(broker);
  const unusual = [
    ...(noDelay === false ? ['nagle'] : []),
    ...(runtime === OWN_RUNTIME ? [] : [runtime]),
    ...(access === undefined ? [] : ['access']),
  ];
  return label ?? [name, ...unusual].join('-');
}

/** A broker that its name says enough of. Throws a usage error (exit code 2) for any other name. */
export function brokerByName(name: string): BrokerChoice {
  if (bareNames.includes(name)) return brokerOf(name);
  throw usageError(
    `There is no broker "${name}" that a name says enough of${didYouMean(name, bareNames)}`,
    `Expected ${or(bareNames)}.`,
  );
}

/** A broker with every default in its place; `absolute` settles where its paths lead, which count from the scenario. */
export function brokerOf(broker: BrokerInput, absolute = (path: string): string => path): BrokerChoice {
  const {
    name,
    label: _label,
    port,
    noDelay = true,
    runtime: _runtime,
    ...options
  }: BrokerObject = typeof broker === 'string' ? { name: broker } : broker;
  const runtime = typeof broker === 'string' ? OWN_RUNTIME : runtimeOf(broker);
  const settled = brokerNamed(name).withPaths?.(options, absolute) ?? options;
  return { id: brokerId(broker), name, port, noDelay, runtime, options: settled };
}

/** Kinds that have no such setting run on what they are. */
function runtimeOf({ runtime }: BrokerObject): RuntimeName {
  return RUNTIME_NAMES.find((name) => name === runtime) ?? OWN_RUNTIME;
}
