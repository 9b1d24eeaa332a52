import { EXIT, type ExitCode } from '../exit-codes.ts';
import { checkUp, type Check } from './checkup.ts';
import { print, printJson, style } from './output.ts';

const MARKS: Record<Check['status'], { mark: string; colour: 'green' | 'yellow' | 'red' }> = {
  good: { mark: '✓', colour: 'green' },
  note: { mark: '!', colour: 'yellow' },
  bad: { mark: '✗', colour: 'red' },
};

/** `doctor`: whether this machine can run the reference case; exit code 5 when it cannot. */
export async function execute({ json = false }: { json?: boolean }): Promise<ExitCode> {
  const checks = await checkUp();
  const ready = checks.every(({ status }) => status !== 'bad');
  if (json) printJson({ ready, checks });
  else print([...checks.map(line), '', verdict(ready)].join('\n'));
  return ready ? EXIT.good : EXIT.environment;
}

function line({ name, status, detail, mend }: Check): string {
  const { mark, colour } = MARKS[status];
  const remedy = mend === undefined ? '' : `\n    ${mend}`;
  return `${style(colour, mark)} ${name.padEnd(16)} ${detail}${remedy}`;
}

function verdict(ready: boolean): string {
  return ready
    ? 'This machine can run the reference case: mqtt-tls-bench run scenarios/reference.yaml'
    : 'This machine cannot run the reference case yet; what is marked ✗ stands in the way.';
}
