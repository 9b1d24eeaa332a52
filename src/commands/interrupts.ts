import { EXIT } from '../exit-codes.ts';
import { log } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SAVING = 'Stopping, and saving what was measured until now; once more ends at once.';

/**
 * Does what can be interrupted: the first Ctrl-C, or its like, aborts the signal that the work gets, so that what was
 * measured can be saved, and says so; the second ends the process at once. Every child process ends with its parent.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  saying = SAVING,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    log(saying);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
