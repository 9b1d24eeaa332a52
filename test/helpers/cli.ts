import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface CliResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs the real CLI as a process, without a terminal. */
export async function cli(...args: string[]): Promise<CliResult> {
  return cliIn(process.cwd(), ...args);
}

/** The same, in a folder of the test's own. */
export async function cliIn(cwd: string, ...args: string[]): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await startCli(args, { cwd });
  return { code: exitCode, stdout, stderr };
}

/** A CLI process that still runs, for tests that send it signals. */
export function startCli(
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) {
  return execa(process.execPath, [CLI, ...args], {
    cwd,
    stdin: 'ignore',
    reject: false,
    // The test runner asks its own children for colour.
    extendEnv: false,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...env },
  });
}

/** Waits until a started CLI says a text on stderr. */
export async function heard(run: ReturnType<typeof startCli>, text: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    run.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes(text)) resolve();
    });
    run.stderr.once('end', () => reject(new Error(`Expected "${text}" on stderr, heard:\n${said}`)));
  });
}
