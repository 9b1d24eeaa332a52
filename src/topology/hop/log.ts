import type { Endpoint } from '../../link/backend.ts';
import type { HopPassage } from '../hop-passage.ts';

/** What a program's log says of a passage, each end as `address:port`; undefined where it lacks one of them. */
export function passageOf(
  client: string | undefined,
  local: string | undefined,
  dialledPort: number | undefined,
): HopPassage | undefined {
  const [from, own] = [endpointOf(client), endpointOf(local)];
  if (from === undefined || own === undefined || dialledPort === undefined || !(dialledPort > 0))
    return undefined;
  return { client: from, local: { ...own, dialledPort } };
}

function endpointOf(text: string | undefined): Endpoint | undefined {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(text ?? '') ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}
