import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './action.ts';

interface WorkflowStep {
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, string | boolean>;
}

export interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { steps: WorkflowStep[] }>;
}

export interface GitlabJob {
  script: string[];
  artifacts: { paths: string[]; reports: { junit: string } };
}

/** What docs/regressions.md shows for CI, as its readers copy it. */
export interface Snippets {
  workflow: Workflow;
  /** Of dashboards, to be put behind the workflow's. */
  steps: WorkflowStep[];
  gitlab: Record<string, GitlabJob>;
  /** Command lines of the CLI, without what they are called by. */
  commands: string[];
}

/** Reads the fenced blocks. Throws where one is not there any more. */
export function readSnippets(): Snippets {
  const text = readFileSync(join(ROOT, 'docs/regressions.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, kind, content = '']) => ({
    kind,
    content,
  }));
  const yamlWith = (mark: string): unknown => {
    const found = blocks.find(({ kind, content }) => kind === 'yaml' && content.includes(mark));
    if (found === undefined) throw new Error(`docs/regressions.md has no YAML with ${mark}`);
    return parse(found.content);
  };
  return {
    workflow: yamlWith('/mqtt-tls-bench@') as Workflow,
    steps: yamlWith('bencher run') as WorkflowStep[],
    gitlab: yamlWith('artifacts:') as Record<string, GitlabJob>,
    commands: blocks
      .filter(({ kind }) => kind === 'sh')
      .flatMap(({ content }) =>
        [...content.matchAll(/^npm run -s bench -- (.*?)(?: +#.*)?$/gm)].map(([, command = '']) => command),
      ),
  };
}

/** The step of the workflow that is the action. */
export function benchStep({ workflow }: Snippets): WorkflowStep {
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const found = steps.find(({ uses }) => uses?.includes('/mqtt-tls-bench@'));
  if (found === undefined) throw new Error('The workflow does not use the action');
  return found;
}
