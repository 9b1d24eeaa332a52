import { setTimeout as sleep } from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ProbeConnection } from './connection.ts';
import type { Observation, ProbePlan, RoutePlan } from './protocol.ts';

type Pause = () => Promise<unknown>;

/** Connections that do not count: they meet cold caches and uncompiled code. */
const WARMUP = 2;

/** Probes all routes at once, each with pauses of its own. Rejects when a connection fails or is not answered. */
export async function probe({ routes, seed }: ProbePlan): Promise<Observation[]> {
  return Promise.all(routes.map((route, n) => probeRoute(route, pausesOf(route, seed + n))));
}

async function probeRoute(plan: RoutePlan, pause: Pause): Promise<Observation> {
  const seen: Observation = { pings: [], connectUs: [], firstByteUs: [], trainsUp: [], trainsDown: [] };
  for (let n = 0; n < WARMUP; n++) await warmUp(plan);
  const lines = Array.from({ length: plan.lines }, async () => {
    for (let n = 0; n < plan.connections; n++) {
      await pause();
      await probeConnection(plan, pause, seen);
    }
  });
  await Promise.all(lines);
  if (plan.trains !== undefined) await probeRate(plan, plan.trains, pause, seen);
  return seen;
}

async function warmUp(plan: RoutePlan): Promise<void> {
  const connection = new ProbeConnection(plan, plan.patienceMs);
  try {
    await connection.open();
  } finally {
    connection.close();
  }
}

/** A ping waits for the answer to the one before, so a segment that is lost delays no other one. */
async function probeConnection(plan: RoutePlan, pause: Pause, seen: Observation): Promise<void> {
  const connection = new ProbeConnection(plan, plan.patienceMs);
  try {
    const { connectUs, firstByteUs } = await connection.open();
    seen.connectUs.push(connectUs);
    seen.firstByteUs.push(firstByteUs);
    for (let n = 0; n < plan.pings; n++) {
      await pause();
      seen.pings.push(await connection.ping());
    }
  } finally {
    connection.close();
  }
}

/** On one connection, so that only its first train meets a window that is not open yet. */
async function probeRate(
  plan: RoutePlan,
  trains: NonNullable<RoutePlan['trains']>,
  pause: Pause,
  seen: Observation,
): Promise<void> {
  const connection = new ProbeConnection(plan, plan.patienceMs);
  try {
    await connection.open();
    for (let n = 0; n < trains.count; n++) {
      await pause();
      const up = trains.up === 0 ? undefined : await connection.trainUp(trains.up);
      if (up !== undefined) seen.trainsUp.push(up);
      await pause();
      const down = trains.down === 0 ? undefined : await connection.trainDown(trains.down);
      if (down !== undefined) seen.trainsDown.push(down);
    }
  } finally {
    connection.close();
  }
}

/** Pauses of irregular length, so that probes do not fall into step with a timer of the link or of the machine. */
function pausesOf({ pauseMs: { least, mean } }: RoutePlan, seed: number): Pause {
  const random = xoroshiro128plus(seed);
  return () => sleep(least + 2 * (mean - least) * uniformFloat64(random));
}
