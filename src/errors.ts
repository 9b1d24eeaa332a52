import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * An error that is meant for the user: what is wrong, where, and how to mend it. Anything else that is thrown is a
 * defect of this tool and ends with exit code 1 and a stack.
 */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly exitCode: ExitCode;
  /** One sentence that says what the user can do; undefined when the message says it already. */
  readonly mend: string | undefined;

  constructor(exitCode: ExitCode, message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = exitCode;
    this.mend = options.mend;
  }
}

/** Wrong options, scenario or results file (exit code 2). */
export function usageError(message: string, mend?: string): BenchError {
  return new BenchError(EXIT.usage, message, mend === undefined ? {} : { mend });
}

/** The machine lacks what was asked for (exit code 5). */
export function environmentError(message: string, mend?: string): BenchError {
  return new BenchError(EXIT.environment, message, mend === undefined ? {} : { mend });
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
