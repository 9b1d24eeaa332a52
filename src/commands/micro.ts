import { environmentError, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { describeEnvironment } from '../lab/environment.ts';
import type { Figure } from '../micro/figure.ts';
import { measureHandshakes, type HandshakeReport } from '../micro/handshake.ts';
import { makeMaterials } from '../micro/materials.ts';
import { measurePayloads, PAYLOAD_SIZES, type PayloadReport } from '../micro/payload.ts';
import { measureRecords, type RecordReport } from '../micro/records.ts';
import type { Budget } from '../micro/rounds.ts';
import { MODES } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { fixed, integer } from '../report/format.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { methodsOf } from './method-names.ts';
import { payloadTable, pictureAt } from './micro-payload.ts';
import { modeOf } from './mode-names.ts';
import { columns, log, print, printJson } from './output.ts';

interface MicroOptions extends Budget {
  json?: boolean;
  /** Of payloads, in bytes. */
  sizes?: number[];
  /** The file that the rates of payloads are drawn to. */
  chart?: string;
}

/** `micro handshake [MODE…]`, `micro records` and `micro payload [METHOD…]`: CPU time without any network. */
export async function execute(
  what: 'handshake' | 'records' | 'payload',
  names: readonly string[],
  options: MicroOptions,
): Promise<ExitCode> {
  if (what === 'payload') return payloads(names, options);
  for (const name of ['sizes', 'chart'] as const) {
    if (options[name] !== undefined) throw usageError(`Only payloads have \`--${name}\``);
  }
  if (what === 'handshake') return handshakes(names, options);
  if (names.length > 0) throw usageError('Records are measured by cipher suite: give no mode');
  log('warming up');
  const report = await measureRecords(options, () => log(`measuring for ${options.seconds} s`));
  if (options.json === true) printJson(document(options, report));
  else print(recordTable(report));
  return EXIT.good;
}

async function payloads(names: readonly string[], options: MicroOptions): Promise<ExitCode> {
  const methods = methodsOf(names);
  // What cannot be drawn is told before the measuring, not after it.
  const picture = options.chart === undefined ? undefined : pictureAt(options.chart);
  log('warming up');
  const report = await measurePayloads(methods, options.sizes ?? PAYLOAD_SIZES, options, () =>
    log(`measuring for ${options.seconds} s`),
  );
  if (options.json === true) printJson(document(options, report));
  else print(payloadTable(report));
  if (picture !== undefined) log(await picture({ ...report, machine: machineWords() }));
  return EXIT.good;
}

async function handshakes(names: readonly string[], options: MicroOptions): Promise<ExitCode> {
  const modes = chosen(names);
  const pairs = await makeMaterials(modes);
  log('warming up');
  const report = await measureHandshakes(pairs, options, () =>
    log(`measuring ${modes.length} modes for ${options.seconds} s`),
  );
  if (report.modes.length === 0) {
    throw environmentError(
      `None of these handshakes can be measured here: ${report.missing.map(({ mode, why }) => `${mode}: ${why}`).join('; ')}`,
    );
  }
  if (options.json === true) printJson(document(options, report));
  else print(handshakeTable(report));
  return EXIT.good;
}

/** All modes with TLS, or the named ones, each once. Throws a BenchError for one that has no handshake to measure. */
function chosen(names: readonly string[]): Mode[] {
  if (names.length === 0) return MODES.filter(({ security }) => security !== undefined);
  const modes = new Map(names.map((name) => [modeOf(name).name, modeOf(name)]));
  for (const { name, security, refusedAt, tickets, clientRuntime } of modes.values()) {
    if (clientRuntime !== OWN_RUNTIME) {
      throw usageError(
        `The mode "${name}" cannot be measured here: both ends share this process, which runs on Node`,
      );
    }
    if (security === undefined) throw usageError(`The mode "${name}" has no handshake: it has no TLS`);
    if (refusedAt === 'handshake')
      throw usageError(`The mode "${name}" has no handshake to measure: its clients are refused`);
    if (!tickets && security.protocol === 'TLSv1.3') {
      throw usageError(
        `The mode "${name}" cannot be measured here: OpenSSL issues TLS 1.3 tickets in all of a process or in none of it`,
      );
    }
  }
  return [...modes.values()];
}

/** The report with what its figures depend on. */
function document(
  { seconds, seed }: Budget,
  report: HandshakeReport | RecordReport | PayloadReport,
): unknown {
  const { node, openssl, system, arch, cpu, cores } = describeEnvironment();
  return { environment: { node, openssl, system, arch, cpu, cores }, seconds, seed, ...report };
}

function machineWords(): string {
  const { node, openssl, cpu } = describeEnvironment();
  return `${cpu}, Node ${node}, OpenSSL ${openssl}`;
}

const msText = (ms: number): string => fixed(ms, 3);

function interval({ p50LowMs, p50HighMs }: Figure): string {
  return `${msText(p50LowMs)} – ${msText(p50HighMs)}`;
}

function handshakeTable({ modes, missing, rounds, warmupRounds }: HandshakeReport): string {
  const titles = [
    'mode',
    'client ms',
    'broker ms',
    'both ms',
    '95 % interval',
    'n',
    'client/s',
    'broker/s',
    'client context',
    'broker context',
    'bytes up',
    'down',
    'flights',
  ];
  return [
    columns(
      titles,
      modes.map((cost) => [
        cost.mode,
        msText(cost.client.p50Ms),
        msText(cost.broker.p50Ms),
        msText(cost.both.p50Ms),
        interval(cost.both),
        cost.samples,
        integer(cost.clientPerSecond),
        integer(cost.brokerPerSecond),
        msText(cost.context.clientMs),
        msText(cost.context.brokerMs),
        integer(cost.bytesUp),
        integer(cost.bytesDown),
        cost.flights,
      ]),
      ['left', ...titles.slice(1).map(() => 'right' as const)],
    ),
    ...missing.map(({ mode, why }) => `${mode}: not measured: ${why}`),
    '',
    'CPU time of one thread for one handshake in memory, tickets included: medians, that of both ends with its 95 % interval.',
    'In it: OpenSSL, and the TLS, stream and event-loop code of Node. Not in it: TCP and the kernel, MQTT, other threads',
    '(compiling, a part of garbage collection), and making a context, which stands by itself in ms. /s: handshakes that one core',
    `does at that end at most, by the mean. ${integer(rounds)} rounds of one handshake of each mode, shuffled, after ${integer(warmupRounds)} to warm up, which are left out.`,
  ].join('\n');
}

function recordTable({ records, rounds, warmupRounds }: RecordReport): string {
  return [
    columns(
      ['suite', 'payload bytes', 'ns/record', '95 % interval', 'MB/s', 'n'],
      records.map((cost) => [
        cost.suite,
        integer(cost.payloadBytes),
        integer(cost.nsPerRecord),
        `${integer(cost.lowNs)} – ${integer(cost.highNs)}`,
        fixed(cost.megabytesPerSecond, 1),
        cost.samples,
      ]),
      ['left', 'right', 'right', 'right', 'right', 'right'],
    ),
    '',
    'CPU time to seal one record and open it again through node:crypto: medians of batches. A new cipher object for each, its',
    'key schedule included, as for a payload that is encrypted by itself; a TLS connection makes it once. MB/s: payload that',
    `one core seals and opens. ${integer(rounds)} rounds of a batch of each, shuffled, after ${integer(warmupRounds)} to warm up, which are left out.`,
  ].join('\n');
}
