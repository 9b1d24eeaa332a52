import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { vi } from 'vitest';
import { tell } from '../../src/commands/main.ts';
import { createProgram } from '../../src/commands/program.ts';
import { COMPILE_CACHE } from './compile-cache.ts';

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

/**
 * The program in the test's own process, which is spared half a second for the start of another one: what it prints, and
 * the exit code. Not for runs, whose children end with the process that started them.
 */
export async function callIn(cwd: string, ...args: string[]): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      printed[name] += stripVTControlCharacters(String(chunk));
      return true;
    }),
  );
  const before = { cwd: process.cwd(), exitCode: process.exitCode };
  process.chdir(cwd);
  let code: number;
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    code = Number(process.exitCode);
  } catch (error) {
    code = tell(error);
  } finally {
    process.chdir(before.cwd);
    process.exitCode = before.exitCode;
    for (const spy of spies) spy.mockRestore();
  }
  const [stdout, stderr] = [printed.stdout, printed.stderr].map((text) => text.replace(/\n$/, ''));
  return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
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
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      ...COMPILE_CACHE,
      ...env,
    },
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
