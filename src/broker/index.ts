import { aedes } from './aedes.ts';
import type { BrokerKind } from './broker.ts';
import { mosquitto } from './mosquitto.ts';
import { nats } from './nats.ts';
import { rabbitmq } from './rabbitmq.ts';

/** Every kind of broker. A new one is one file and one line here. */
export const BROKERS = [aedes, mosquitto, nats, rabbitmq] as const satisfies BrokerKind[];

export const BROKER_NAMES = BROKERS.map((broker) => broker.name);

/** The broker of that name. Throws a RangeError for a name that is not in {@link BROKERS}. */
export function brokerNamed(name: string): BrokerKind {
  const broker = BROKERS.find((candidate) => candidate.name === name);
  if (broker === undefined) throw new RangeError(`Expected one of ${BROKER_NAMES.join(', ')}, got '${name}'`);
  return broker;
}
