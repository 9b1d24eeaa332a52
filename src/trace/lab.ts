import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerChoice } from '../broker/broker.ts';
import { BenchError, environmentError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { assemble, cancel, publishersOf } from '../lab/assemble.ts';
import { Cleanup } from '../lab/cleanup.ts';
import { checkBrokers } from '../lab/consent.ts';
import type { RunObserver } from '../lab/observer.ts';
import { makePrivateFolder } from '../lab/private-folder.ts';
import { findUnsupported, without } from '../lab/unsupported.ts';
import type { BackendName, Endpoint, OpenLink, RecordedPacket } from '../link/backend.ts';
import { BACKENDS, chooseBackend } from '../link/backends.ts';
import { NULL_LINK, type LinkSpec } from '../link/spec.ts';
import { addressNumber, readSegment, type Segment } from '../link/tun/packet.ts';
import { nowUs } from '../measure/clock.ts';
import { modeNamed } from '../modes/index.ts';
import { createPki } from '../pki/create.ts';
import { makePlan, type Plan } from '../scenario/plan.ts';
import { or } from '../scenario/wording.ts';
import { handshakeSchema } from '../swarm/workloads/settings/handshake.ts';
import type { TraceJob, Traced } from '../swarm/workloads/tracing.protocol.ts';
import { DIRECT } from '../topology/direct.ts';
import type { Capture, CapturedPacket } from './capture.ts';

export interface TraceOptions extends Pick<TraceJob, 'qos' | 'payloadBytes'> {
  /** With axes or without. */
  mode: string;
  link: LinkSpec;
  broker: BrokerChoice;
  backend: 'auto' | BackendName;
  /** What loss and jitter follow from. */
  seed: number;
  observer: RunObserver;
  /** Ends it; then it throws a BenchError with exit code 130. */
  signal: AbortSignal;
}

/** A first connection is cold, at both ends; so many go before it, over no link. */
const WARMUPS = 5;
/** Compute, and a few losses in a row. */
const PATIENCE_MS = 30_000;
/** Many times what all steps take, so that what was lost may be sent again. */
const ROUND_TRIPS = 60;
const LONGEST_MS = 600_000;
/** The broker may take so long to close its end. */
const CLOSE_MS = 2000;
/** What the client's kernel answers to the broker's FIN is under way at once. */
const LAST_MS = 30;
const LOOK_EVERY_MS = 20;

/**
 * Runs one connection of a mode through a lab of its own: real broker, link and client in processes of their own. Answers
 * with its packets at the client's end and the TLS secrets of that connection alone. Throws a BenchError for a mode,
 * link or broker that cannot be had here (exit code 5), a backend at which nobody sees packets (2), and when interrupted
 * (130). A connection that fails is traced all the same.
 */
export async function trace(options: TraceOptions): Promise<Capture> {
  refuseBlind(options.backend);
  const cleanup = new Cleanup();
  try {
    return await traceIn(options, cleanup);
  } finally {
    for (const problem of await cleanup.run()) options.observer.warn(`Could not clean up: ${problem}`);
  }
}

async function traceIn(options: TraceOptions, cleanup: Cleanup): Promise<Capture> {
  const { mode, link, qos, payloadBytes, seed, observer, signal } = options;
  const crash = new AbortController();
  const onCrash = (error: Error): void => crash.abort(error);
  const recorded: RecordedPacket[] = [];
  const clock = wallClock();

  const asked = planOf(options);
  await checkBrokers([asked], {});
  const plan = without(asked, await findUnsupported(asked));
  const { backend, why } = await chooseBackend(options.backend, [link]);
  refuseBlind(backend.name);
  observer.step('making certificates');
  const pkiFolder = await makePrivateFolder(cleanup);
  await createPki(pkiFolder, [modeNamed(mode).needs]);
  endIfInterrupted(signal);
  observer.step(`opening the link: ${why}`);
  const open = await backend.open({
    seed,
    onFlow: () => {},
    onPackets: (packets) => recorded.push(...packets),
    onCrash,
  });
  cleanup.add(() => open.close());
  endIfInterrupted(signal);
  observer.step('starting broker and client');
  const lab = await assemble(plan, open, pkiFolder, { ...DEAF, onCrash }, cleanup);
  const [unserved] = lab.unserved;
  if (unserved !== undefined) throw environmentError(`${mode} cannot be had here: ${unserved.reason}`);
  const stop = AbortSignal.any([signal, crash.signal]);
  const onStop = (): void => cancel(lab, { reason: 'interrupted', detail: 'The trace was interrupted.' });
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();

  const [worker] = publishersOf(lab, mode);
  const [target, toWarmUp = target] = lab.targets;
  if (worker === undefined || target === undefined || toWarmUp === undefined)
    throw new Error('A lab without a client or a target');
  const job = { qos, payloadBytes, timeoutMs: timeoutOf(link, payloadBytes) };
  observer.step('warming up');
  for (let done = 0; done < WARMUPS && !stop.aborted; done++)
    await worker.call('trace', { ...job, cell: toWarmUp.cell });
  if (modeNamed(mode).resumption !== undefined) {
    observer.step('gathering a session to resume');
    const { timeoutMs } = job;
    const primed = await worker.call('prime', { cell: target.cell, count: 1, perSecond: 10, timeoutMs });
    if (primed.sessions === 0 && !stop.aborted)
      throw environmentError(`${mode} cannot be traced: the broker gave no session to resume`);
  }
  observer.step('running the connection');
  const startedAt = new Date().toISOString();
  const sinceUs = nowUs();
  const traced = await worker.call('trace', { ...job, cell: target.cell });
  const isOfIt = connectionFilter(traced, target, sinceUs);
  await awaitClose(open, () => recorded.filter(isOfIt), { withinMs: CLOSE_MS + 2 * roundTripMs(link), stop });
  endIfInterrupted(signal);
  crash.signal.throwIfAborted();
  const [broker] = lab.brokers;
  return {
    about: {
      mode,
      link: link.id,
      backend: backend.name,
      broker: broker?.running.version ?? options.broker.id,
      qos,
      payloadBytes,
      warmupConnections: WARMUPS,
      startedAt,
      synthetic: backend.records === 'synthetic',
      outcome: traced.outcome,
    },
    packets: recorded
      .filter(isOfIt)
      .map(({ atUs, from, bytes }): CapturedPacket => ({ timeNs: clock(atUs), from, bytes }))
      .toSorted((one, other) => Number(one.timeNs - other.timeNs)),
    keyLog: traced.keyLog,
  };
}

/** The parts of a lab tell much that a trace reads off the packets. */
const DEAF = {
  onFlow: () => {},
  onRecord: () => {},
  onRefusal: () => {},
  onHop: () => {},
  onPassage: () => {},
  onWorker: () => {},
};

function refuseBlind(name: 'auto' | BackendName): void {
  const seeing = BACKENDS.filter(({ records }) => records !== undefined).map((backend) => backend.name);
  if (name === 'auto' || seeing.includes(name)) return;
  throw usageError(
    `--backend ${name}: nothing stands between client and broker there that sees packets, so there is nothing to trace`,
    `Expected ${or(seeing.map((other) => `--backend ${other}`))}, or leave the option out.`,
  );
}

function planOf({ mode, link, broker, qos, payloadBytes, seed }: TraceOptions): Plan {
  return makePlan({
    name: 'trace',
    question: '',
    modes: [mode],
    links: link.id === NULL_LINK.id ? [link] : [link, NULL_LINK],
    brokers: [broker],
    topologies: [DIRECT],
    workloads: [handshakeSchema.parse({ kind: 'handshake', action: 'publish', qos, payloadBytes })],
    rounds: 1,
    warmupRounds: 0,
    seed,
    expect: { failureBudget: 0 },
  });
}

function endIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new BenchError(EXIT.interrupted, 'Interrupted before the connection was traced');
}

function roundTripMs({ up, down }: LinkSpec): number {
  return [up, down].reduce((sum, { delayMs, jitterMs }) => sum + delayMs + 4 * jitterMs, 0);
}

/** The message crosses the link twice. */
function timeoutOf(link: LinkSpec, payloadBytes: number): number {
  const crossingMs = [link.up, link.down].reduce(
    (sum, { rateKbit }) => sum + (rateKbit === undefined ? 0 : (payloadBytes * 8) / rateKbit),
    0,
  );
  const wholeMs = PATIENCE_MS + ROUND_TRIPS * roundTripMs(link) + 2 * crossingMs;
  return Math.min(LONGEST_MS, Math.ceil(wholeMs));
}

/** Nanoseconds since 1970 of an instant of the monotonic clock, by one reading of both. */
function wallClock(): (atUs: number) => bigint {
  const wallNs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  const originNs = wallNs - ns(nowUs());
  return (atUs) => originNs + ns(atUs);
}

function ns(us: number): bigint {
  return BigInt(Math.round(us * 1000));
}

/** Which packets are of the connection: those of connections before it, which may have had the same port, are not. */
function connectionFilter(
  { local }: Traced,
  { host, port }: Endpoint,
  sinceUs: number,
): (packet: RecordedPacket) => boolean {
  const address = addressNumber(host);
  return ({ atUs, from, bytes }) => {
    const segment = readSegment(bytes);
    if (segment === undefined || atUs < sinceUs) return false;
    const { source, sourcePort, destination, destinationPort } = segment;
    const [client, brokerAddress, broker] =
      from === 'client' ? [sourcePort, destination, destinationPort] : [destinationPort, source, sourcePort];
    return brokerAddress === address && broker === port && (local === undefined || client === local.port);
  };
}

/** Waits until the packets show that the connection is closed, or it is no use to wait longer; then all are told. */
async function awaitClose(
  open: OpenLink,
  packets: () => RecordedPacket[],
  { withinMs, stop }: { withinMs: number; stop: AbortSignal },
): Promise<void> {
  const untilUs = nowUs() + withinMs * 1000;
  do {
    await sleep(LOOK_EVERY_MS);
    await open.lateness();
  } while (!stop.aborted && nowUs() < untilUs && !isClosed(packets()));
  await sleep(LAST_MS);
  await open.lateness();
}

function isClosed(packets: readonly RecordedPacket[]): boolean {
  const has = (from: RecordedPacket['from'], what: (segment: Segment) => boolean): boolean =>
    packets.some((packet) => {
      const segment = packet.from === from ? readSegment(packet.bytes) : undefined;
      return segment !== undefined && what(segment);
    });
  const isReset = ({ rst }: Segment): boolean => rst;
  const isEnd = ({ fin }: Segment): boolean => fin;
  return has('client', isReset) || has('broker', isReset) || (has('client', isEnd) && has('broker', isEnd));
}
