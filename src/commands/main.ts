import { styleText } from 'node:util';
import { CommanderError, type Command } from 'commander';
import { BenchError, messageOf } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** What a command does: gets its arguments and then its options, prints, and answers with an exit code. */
export type Execute = (...args: never[]) => ExitCode | Promise<ExitCode>;

/** A commander action that loads the command's body only when it is run, so that `--help` is quick. */
export function body(load: () => Promise<Execute>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const execute = await load();
    process.exitCode = await execute(...(args as never[]));
  };
}

/** Runs the program: every error ends here, as an exit code and a message on stderr. */
export async function main(program: Command): Promise<void> {
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  process.on('uncaughtException', (error) => {
    tell(error);
    process.exit(EXIT.internal);
  });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** `… | head` closes our stdout early: that is no error, and a run goes on to save its results. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Says on stderr what has gone wrong, and what to do; answers with the exit code. */
export function tell(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its message already; what it exits well from is --help and --version.
    return error.exitCode === 0 ? EXIT.good : EXIT.usage;
  }
  const label = styleText('red', 'error:', { stream: process.stderr });
  if (error instanceof BenchError) {
    const mend = error.mend === undefined ? '' : `\n${error.mend}`;
    process.stderr.write(`${label} ${error.message}${mend}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  process.stderr.write(
    `${label} ${stack}\nThis is a defect of mqtt-tls-bench. Please report it with the lines above and the output of \`mqtt-tls-bench doctor\`.\n`,
  );
  return EXIT.internal;
}
