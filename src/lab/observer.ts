/** What a run tells while it goes on; the terminal draws it, tests listen to it. */
export interface RunObserver {
  /** A new step begins: `making certificates`, `calibrating the link`, … */
  step(text: string): void;
  /** How far the measuring step is. */
  progress(state: Progress): void;
  /** What a reader of the results should know. */
  warn(text: string): void;
}

export interface Progress {
  done: number;
  total: number;
  failed: number;
  /** What is counted: `connections`, `messages`. */
  unit: string;
}

/** Hears nothing. */
export const SILENT: RunObserver = { step: () => {}, progress: () => {}, warn: () => {} };
