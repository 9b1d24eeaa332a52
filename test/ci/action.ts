import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Step {
  name: string;
  id?: string;
  if?: string;
  'continue-on-error'?: boolean;
  shell?: string;
  env?: Record<string, string>;
  run?: string;
  uses?: string;
  with?: Record<string, string | boolean>;
}

export interface Action {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
}

/** action.yml as it stands. */
export function readAction(): Action {
  return parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
}

/** What a runner gives its steps: where they are, and files for what they tell. */
export interface Runner {
  workspace: string;
  temp: string;
  github: Record<string, string>;
  env?: Record<string, string>;
}

export interface StepResult {
  code: number | undefined;
  output: string;
}

export interface Outcome {
  /** Of each step that was run, by its name. */
  steps: Record<string, StepResult>;
  /** What steps with an id told. */
  outputs: Record<string, Record<string, string>>;
  summary: string;
}

/**
 * Runs the `run` steps of the action in bash, as a runner does: with what `${{ }}` stands for, until one fails. Conditions and
 * steps that use other actions are left to `skip`.
 */
export async function runAction(
  action: Action,
  inputs: Record<string, string>,
  { workspace, temp, github, env = {} }: Runner,
  skip: (step: Step) => boolean = ({ uses }) => uses !== undefined,
): Promise<Outcome> {
  const outputs: Outcome['outputs'] = {};
  const steps: Outcome['steps'] = {};
  const all = {
    ...Object.fromEntries(Object.entries(action.inputs).map(([k, v]) => [k, v.default ?? ''])),
    ...inputs,
  };
  const fill = (text: string): string =>
    text.replaceAll(/\$\{\{ *([\w.-]+) *\}\}/g, (_, expression: string) => {
      const [room = '', ...path] = expression.split('.');
      if (room === 'inputs') return fill(all[path.join('.')] ?? '');
      if (room === 'github') return github[path.join('.')] ?? '';
      if (room === 'steps') return outputs[path[0] ?? '']?.[path[2] ?? ''] ?? '';
      throw new Error(`Unknown expression ${expression}`);
    });
  const summaryFile = join(temp, 'summary.md');
  writeFileSync(summaryFile, '');
  for (const step of action.runs.steps) {
    if (skip(step) || step.run === undefined) continue;
    const outputFile = join(temp, 'output');
    writeFileSync(outputFile, '');
    const script = join(temp, 'step.sh');
    writeFileSync(script, fill(step.run));
    // As a runner calls bash where `shell: bash` is said.
    const { exitCode, all: said } = await execa(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', script],
      {
        cwd: workspace,
        reject: false,
        all: true,
        extendEnv: false,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          TMPDIR: process.env['TMPDIR'],
          GITHUB_ACTION_PATH: ROOT,
          GITHUB_OUTPUT: outputFile,
          GITHUB_STEP_SUMMARY: summaryFile,
          RUNNER_TEMP: temp,
          ...env,
          ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)])),
        },
      },
    );
    steps[step.name] = { code: exitCode, output: said };
    if (step.id !== undefined) {
      const lines = readFileSync(outputFile, 'utf8').split('\n').filter(Boolean);
      outputs[step.id] = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    }
    if (exitCode !== 0) break;
  }
  return { steps, outputs, summary: readFileSync(summaryFile, 'utf8') };
}
