import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { nowUs } from '../../measure/clock.ts';
import { ANSWER_LENGTH, onPacket, writePacket } from './packets.ts';
import type { Observation, ProbePlan } from './protocol.ts';

type Pause = () => Promise<unknown>;

/** Probes all routes at once, each with spacings of its own. Rejects when a connection fails. */
export async function probe(plan: ProbePlan): Promise<Observation[]> {
  return Promise.all(plan.routes.map((route, n) => probeRoute(route, plan, pauses(plan, plan.seed + n))));
}

async function probeRoute(
  route: ProbePlan['routes'][number],
  plan: ProbePlan,
  pause: Pause,
): Promise<Observation> {
  const firstBytes: Promise<Opened>[] = [];
  for (let n = 0; n < plan.warmup + plan.connects; n++) {
    firstBytes.push(openAndTime(route, plan.patienceMs));
    await pause();
  }
  const opened = await Promise.all(firstBytes);
  const counted = opened.slice(plan.warmup);
  const [probed] = counted;
  for (const { socket } of opened) if (socket !== probed?.socket) socket.destroy();
  const oneWay =
    probed === undefined ? { upUs: [], downUs: [] } : await probeOpen(probed.socket, plan, pause);
  probed?.socket.destroy();
  return { ...oneWay, firstByteUs: counted.map(({ firstByteUs }) => firstByteUs) };
}

interface Opened {
  socket: Socket;
  firstByteUs: number;
}

/** Connects, sends one probe stamped with the start of the connect, and waits until its answer is here. */
function openAndTime(route: ProbePlan['routes'][number], patienceMs: number): Promise<Opened> {
  const startUs = nowUs();
  const socket = connect({ ...route, noDelay: true }, () => writePacket(socket, [0, startUs]));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed before its first answer')));
    onPacket(socket, ANSWER_LENGTH, ([sequence, arrivedUs = 0]) => {
      if (sequence !== 0) return;
      clearTimeout(late);
      resolve({ socket, firstByteUs: arrivedUs - startUs });
    });
  });
}

/** Sends probes over an open connection without waiting for their answers, so that a slow one delays no other. */
async function probeOpen(
  socket: Socket,
  plan: ProbePlan,
  pause: Pause,
): Promise<Pick<Observation, 'upUs' | 'downUs'>> {
  const total = plan.warmup + plan.probes;
  const sentUs: number[] = [];
  const upUs: number[] = [];
  const downUs: number[] = [];
  const complete = Promise.withResolvers<void>();
  onPacket(socket, ANSWER_LENGTH, ([sequence = 0, arrivedUs = 0, answeredUs = 0]) => {
    const hereUs = nowUs();
    const sent = sentUs[sequence - 1];
    if (sequence > plan.warmup && sent !== undefined) {
      upUs.push(arrivedUs - sent);
      downUs.push(hereUs - answeredUs);
    }
    // Over one connection answers come in order, so nothing is to come after the last.
    if (sequence === total) complete.resolve();
  });
  socket.once('close', () => complete.resolve());
  for (let sequence = 1; sequence <= total; sequence++) {
    const now = nowUs();
    sentUs.push(now);
    writePacket(socket, [sequence, now]);
    await pause();
  }
  const patience = setTimeout(() => complete.resolve(), plan.patienceMs);
  await complete.promise;
  clearTimeout(patience);
  if (socket.destroyed) throw new Error('the connection was closed while it was probed');
  return { upUs, downUs };
}

/** Pauses of irregular length, so that probes do not fall into step with a timer of the link or of the machine. */
function pauses(plan: ProbePlan, seed: number): Pause {
  const random = xoroshiro128plus(seed);
  return () => sleep(2 * plan.meanSpacingMs * uniformFloat64(random));
}
