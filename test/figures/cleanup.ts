/**
 * Whether a run leaves anything behind, however it ends: `npm run -s figures:cleanup -- [--cycles N] [--kills N]
 * [--seed N]`. For each backend: so many times a link is opened, used and closed, and so many times the CLI is killed
 * (SIGKILL) at a random moment; then no process, network namespace, device, queueing discipline or temporary file of it
 * may be left after five seconds. Exit code 1 names what is.
 */
import { parseArgs } from 'node:util';
import { BACKENDS } from '../../src/link/backends.ts';
import { proveCycles, proveKills } from '../helpers/cleanup-proof.ts';
import { conclude } from './run.ts';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '100' },
    kills: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
  },
});

const missed: string[] = [];
for (const backend of BACKENDS.filter(({ name }) => name !== 'none')) {
  const found = await backend.probe();
  if (!found.available && backend.name === 'netem') {
    // Few kernels have it; the emulated machine proves the same of it.
    process.stdout.write(`netem is not tried here, but by test:netem-vm: ${found.reason}\n`);
    continue;
  }
  if (!found.available) {
    missed.push(`${backend.name} could not be tried: ${found.reason}`);
    continue;
  }
  const startedMs = performance.now();
  const cycles = await proveCycles(backend, Number(values.cycles));
  const kills = await proveKills(backend.name, Number(values.kills), Number(values.seed));
  const row = {
    backend: backend.name,
    cycles: cycles.count,
    kills: kills.count,
    killedAt: kills.byStage,
    atMost: kills.seen,
    leftovers: cycles.leftovers.length + kills.leftovers.length,
    slowestAfterCloseMs: Math.round(cycles.slowestMs),
    slowestAfterKillMs: Math.round(kills.slowestMs),
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  missed.push(...cycles.leftovers, ...kills.leftovers);
}
conclude(missed);
