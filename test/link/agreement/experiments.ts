import { resolveLink, type LinkInput } from '../../../src/link/spec.ts';
import type { Experiment } from './compare.ts';

/** A certificate has so many bytes without padding. */
const OWN_BYTES = 500;

const link = (name: string, input: LinkInput = {}): Experiment['link'] =>
  resolveLink({ name, oneWayMs: 34, ...input });

/** Packets over links of so many milliseconds one way. */
export function oneWay(delaysMs: readonly number[]): Experiment[] {
  return delaysMs.map((oneWayMs) => ({
    name: `${oneWayMs} ms one way`,
    link: resolveLink({ name: `way-${oneWayMs}`, oneWayMs }),
    task: { kind: 'oneWay', count: 4 },
  }));
}

/** TLS 1.3 handshakes whose certificate has so many kilobytes, over 34 ms one way. */
export function ladder(sizes: readonly number[], name: string, input: LinkInput = {}): Experiment[] {
  return sizes.map((kilobytes) => ({
    name: `${name}, certificate of ${kilobytes} kB`,
    link: link(name, input),
    task: { kind: 'handshake', paddingBytes: 1000 * kilobytes - OWN_BYTES },
  }));
}

/** Downloads of so many kilobytes over 34 ms one way. */
export function downloads(
  sizes: readonly number[],
  name: string,
  input: LinkInput = {},
  { count = 1, atOnce = 1 } = {},
): Experiment[] {
  return sizes.map((kilobytes) => ({
    name: `${name}, download of ${kilobytes} kB`,
    link: link(name, input),
    task: { kind: 'download', bytes: 1000 * kilobytes, count, atOnce },
  }));
}
