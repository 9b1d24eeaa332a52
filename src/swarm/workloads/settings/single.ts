import type { HandshakeWorkload } from './handshake.ts';
import type { WakeWorkload } from './wake.ts';

/** Workloads of single connections, each of which is a sample: their cells are run together, round by round. */
export const SINGLE_KINDS = ['handshake', 'wake'] as const;
export type SingleKind = (typeof SINGLE_KINDS)[number];
export type SingleWorkload = HandshakeWorkload | WakeWorkload;

/** Whether a workload is one of single connections. */
export function isSingleKind(kind: string): kind is SingleKind {
  return SINGLE_KINDS.some((single) => single === kind);
}

/** The same of a workload with its settings. */
export function isSingleWorkload<T extends { kind: string }>(
  workload: T,
): workload is Extract<T, { kind: SingleKind }> {
  return isSingleKind(workload.kind);
}

/** What a client does once it holds CONNACK. */
export function actionOf(workload: SingleWorkload): HandshakeWorkload['action'] {
  return workload.kind === 'wake' ? 'publish' : workload.action;
}
