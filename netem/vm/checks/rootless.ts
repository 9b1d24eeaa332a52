import { execa } from 'execa';
import { check, demand } from '../harness.ts';
import { nothingLeft } from '../leftovers.ts';

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];

await check('without root', async () => {
  const { stdout } = await execa('setpriv', [...NOBODY, process.execPath, 'netem/vm/checks.ts', 'delays'], {
    reject: false,
  });
  const lines = stdout.split('\n');
  demand(lines.at(-1) === '3 passed, 0 failed', stdout);
  return `the delays again, ${lines.at(-1)}; then ${await nothingLeft()}`;
});
