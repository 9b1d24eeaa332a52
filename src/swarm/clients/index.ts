import type { Target } from '../targets.ts';
import type { ClientName } from '../workloads/settings/common.ts';
import type { Client, ClientEvents, ClientOptions } from './client.ts';
import { LeanClient } from './lean.ts';
import { MqttJsClient } from './mqttjs.ts';

const CLIENTS = { mqttjs: MqttJsClient, lean: LeanClient } as const satisfies Record<ClientName, unknown>;

/** Connects a client of that kind to a target. */
export function openClient(
  name: ClientName,
  target: Target,
  options: ClientOptions,
  events: ClientEvents,
): Client {
  return new CLIENTS[name](target, options, events);
}
