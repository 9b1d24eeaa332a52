import type { DiallingEnd, HopPassage } from '../hop-passage.ts';

/** What a program's log says of a passage, undefined where it lacks one of its ends. */
export function passageOf(client: Said, local: Said): HopPassage | undefined {
  const [from, own] = [endOf(client), endOf(local)];
  return from === undefined || own === undefined ? undefined : { client: from, local: own };
}

/** An end as `address:port`, and the port that it dialled. */
type Said = readonly [end: string | undefined, dialled: string | number | undefined];

function endOf([end, dialled]: Said): DiallingEnd | undefined {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(end ?? '') ?? [];
  const dialledPort = Number(dialled);
  return host === undefined || !(dialledPort > 0) ? undefined : { host, port: Number(port), dialledPort };
}
