import { execa } from 'execa';
import { check, demand } from '../harness.ts';
import { netemCount, nothingLeft } from '../leftovers.ts';
import { receiver, transfer, type Taken } from '../links.ts';
import { cli, folder, scenario } from '../scenarios.ts';

await check('kill -9 of the runner leaves nothing', async () => {
  const file = await scenario({ modes: ['plain'], links: [{ name: 'l', oneWayMs: 50 }], rounds: 2000 });
  const run = cli(['run', file, '--backend', 'netem', '--allow-uncalibrated', '--out', await folder()]);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    run.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('measuring')) resolve();
    });
    run.then(() => reject(new Error(`It ended by itself:\n${said}`)), reject);
  });
  const during = await netemCount();
  // The floor's link and the scenario's, an end in each namespace.
  demand(during === 4, `${during} netem qdiscs while it ran`);
  run.kill('SIGKILL');
  await run;
  return `4 netem qdiscs while it ran; then ${await nothingLeft()}`;
});

await check('netem/lab.sh sets the same up by hand', async () => {
  const lab = (what: string): Promise<unknown> => execa('sh', ['netem/lab.sh', what]);
  const side = (name: string): string[] => ['ip', 'netns', 'exec', `bench-${name}`];
  await lab('up');
  const connects: number[] = [];
  try {
    // The quickest of a few: a process that has just begun is slow on an emulated processor.
    for (let n = 0; n < 4; n++) {
      const { received } = await receiver<Taken>(side('broker'), 'take', '4000');
      const { stdout } = await transfer(side('client'), 'give', '198.18.0.2', '4000', '1000');
      await received;
      connects.push((JSON.parse(stdout) as { connectMs: number }).connectMs);
    }
  } finally {
    await lab('down');
  }
  const connectMs = Math.min(...connects);
  demand(connectMs >= 68 && connectMs < 88, `connecting took ${connectMs.toFixed(1)} ms of 68`);
  return `connecting took ${connectMs.toFixed(1)} ms of 68; then ${await nothingLeft()}`;
});
