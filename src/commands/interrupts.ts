import { EXIT } from '../exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C and its like, for as long as a command listens. */
export interface Interrupts {
  signal: AbortSignal;
  stopListening(): void;
}

/**
 * The first signal aborts, so that what was measured can be saved; the second ends the process at once. Every child
 * process ends with its parent.
 */
export function listenForInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    onFirst();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stopListening: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
