import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { check, demand } from '../harness.ts';
import { netemCount, nothingLeft } from '../leftovers.ts';
import { datagrams, type Caught } from '../links.ts';
import { cli, folder, scenario } from '../scenarios.ts';

await check('kill -9 of the runner leaves nothing', async () => {
  const file = await scenario({ modes: ['plain'], links: [{ name: 'l', oneWayMs: 50 }], rounds: 2000 });
  const run = cli(['run', file, '--backend', 'netem', '--allow-uncalibrated', '--out', await folder()]);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    run.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('calibrating')) resolve();
    });
    run.then(() => reject(new Error(`It ended by itself:\n${said}`)), reject);
  });
  // The floor's link and the scenario's, an end in each namespace.
  for (let look = 0; (await netemCount()) < 4; look++) {
    demand(look < 600, `${await netemCount()} netem qdiscs while it ran`);
    await sleep(100);
  }
  run.kill('SIGKILL');
  await run;
  return `4 netem qdiscs while it ran; then ${await nothingLeft()}`;
});

await check('netem/lab.sh sets the same up by hand', async () => {
  const lab = (what: string): Promise<unknown> => execa('sh', ['netem/lab.sh', what]);
  const side = (name: string): string[] => ['ip', 'netns', 'exec', `bench-${name}`];
  await lab('up');
  let caught: Caught;
  try {
    const up = { from: side('client'), to: side('broker') };
    [caught = []] = await datagrams(up, [{ host: '198.18.0.2', count: 200, everyMs: 5 }]);
  } finally {
    await lab('down');
  }
  const quickestMs = Math.min(...caught.map(({ tookUs }) => tookUs)) / 1000;
  const text = `up ${quickestMs.toFixed(2)} ms of 34`;
  demand(quickestMs >= 34 && quickestMs < 40, text);
  return `${text}; then ${await nothingLeft()}`;
});
