import type { BackendName } from '../link/backend.ts';
import type { RunObserver } from './observer.ts';

export interface RunOptions {
  backend: 'auto' | BackendName;
  /** Go on over a link that is not what was asked for; every figure is then marked. */
  allowUncalibrated: boolean;
  /** The user says that load may be sent to brokers that the bench did not start. */
  targetIsMine?: boolean;
  /** The run folder; must not exist yet, or be empty. */
  folder: string;
  observer: RunObserver;
  /** Aborted by Ctrl-C: what was measured until then is saved and marked. */
  signal: AbortSignal;
}
