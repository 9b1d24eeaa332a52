/**
 * How exactly the TUN delay line and the stream proxy make 34 ms one way, at 20 connections a second.
 *
 *     node test/figures/link-precision.ts [seconds]
 *
 * A prober opens connections and sends two packets on each; both ends stamp them on one clock. To reach: one-way delay
 * p50 within 0.3 ms of what was asked and p99 within 1.5 ms; TCP connect through TUN p50 at most 69.5 ms.
 */
import { quantile } from 'simple-statistics';
import type { LinkBackend } from '../../src/link/backend.ts';
import { startProbes } from '../../src/link/probe/start.ts';
import { proxyBackend } from '../../src/link/proxy.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { conclude } from './run.ts';

const ONE_WAY_MS = 34;
const LINES = 10;
const PER_SECOND = 20;
/** Four round trips: connecting, a first ping and two more. What is left of a line's half second are its three pauses. */
const PAUSE_MS = (1000 * (LINES / PER_SECOND) - 4 * 2 * ONE_WAY_MS) / 3;
const [seconds = 20] = process.argv.slice(2).map(Number);

const missed: string[] = [];
for (const backend of [tunBackend, proxyBackend]) missed.push(...(await measure(backend)));
conclude(missed);

async function measure(backend: LinkBackend): Promise<string[]> {
  const open = await backend.open({
    onFlow: () => {},
    onCrash: (error) => {
      throw error;
    },
  });
  const probes = await startProbes(open);
  const { host, port } = await open.route(resolveLink({ oneWayMs: ONE_WAY_MS }), probes.target);
  const startedMs = performance.now();
  const [seen] = await probes.probe({
    routes: [
      {
        host,
        port,
        lines: LINES,
        connections: Math.ceil((seconds * PER_SECOND) / LINES),
        pings: 2,
        pauseMs: { least: 0, mean: PAUSE_MS },
        patienceMs: 5000,
      },
    ],
    seed: 1,
  });
  const tookS = (performance.now() - startedMs) / 1000;
  const lateness = await open.lateness();
  await probes.stop();
  await open.close();
  if (seen === undefined) throw new Error('Nothing was measured');

  const at = (us: readonly number[], share: number): number => quantile([...us], share) / 1000;
  const up = seen.pings.map(({ upUs }) => upUs);
  const down = seen.pings.map(({ downUs }) => downUs);
  const connectP50 = at(seen.connectUs, 0.5);
  const show = (us: readonly number[]): string =>
    `p50 ${at(us, 0.5).toFixed(3)}, p99 ${at(us, 0.99).toFixed(3)}, max ${at(us, 1).toFixed(3)} ms over ${us.length}`;
  process.stdout.write(
    `${[
      `${backend.name}: ${seen.connectUs.length} connections, ${(seen.connectUs.length / tookS).toFixed(1)} a second, ${ONE_WAY_MS} ms asked`,
      `  up       ${show(up)}`,
      `  down     ${show(down)}`,
      `  connect  ${show(seen.connectUs)}`,
      `  late     p50 ${lateness?.p50Ms.toFixed(3)}, p99 ${lateness?.p99Ms.toFixed(3)}, max ${lateness?.maxMs.toFixed(3)} ms over ${lateness?.released}`,
    ].join('\n')}\n`,
  );
  return [
    ...(['up', 'down'] as const).flatMap((way) => {
      const us = way === 'up' ? up : down;
      return [
        ...(Math.abs(at(us, 0.5) - ONE_WAY_MS) <= 0.3 ? [] : [`${backend.name} ${way}: p50 within 0.3 ms`]),
        ...(at(us, 0.99) - ONE_WAY_MS <= 1.5 ? [] : [`${backend.name} ${way}: p99 within 1.5 ms`]),
      ];
    }),
    ...(backend.name !== 'tun' || connectP50 <= 69.5 ? [] : ['tun: TCP connect p50 at most 69.5 ms']),
  ];
}
