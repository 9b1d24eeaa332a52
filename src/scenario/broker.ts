import * as z from 'zod';
import type { BrokerChoice } from '../broker/broker.ts';
import { BROKERS } from '../broker/index.ts';
import { OWN_RUNTIME, RUNTIME_NAMES, type RuntimeName } from '../runtimes/index.ts';
import { labelSchema } from './label.ts';

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

/** Any kind of broker by its name, or with settings: those of all, and those of its kind. */
export const brokerSchema = z.union([
  z.enum(BROKERS.map(({ name }) => name)),
  ...BROKERS.map(({ name, shape }) => z.strictObject({ name: z.literal(name), ...COMMON, ...shape })),
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

/** A broker with every default in its place. */
export function brokerOf(broker: BrokerInput): BrokerChoice {
  const {
    name,
    label: _label,
    port,
    noDelay = true,
    runtime: _runtime,
    ...options
  }: BrokerObject = typeof broker === 'string' ? { name: broker } : broker;
  const runtime = typeof broker === 'string' ? OWN_RUNTIME : runtimeOf(broker);
  return { id: brokerId(broker), name, port, noDelay, runtime, options };
}

/** Kinds that have no such setting run on what they are. */
function runtimeOf({ runtime }: BrokerObject): RuntimeName {
  return RUNTIME_NAMES.find((name) => name === runtime) ?? OWN_RUNTIME;
}
