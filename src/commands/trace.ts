import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { describeTool } from '../lab/environment.ts';
import type { BackendName } from '../link/backend.ts';
import { profile, profilesWith } from '../link/profiles.ts';
import { NULL_LINK, type LinkSpec } from '../link/spec.ts';
import { brokerByName } from '../scenario/broker.ts';
import type { Capture } from '../trace/capture.ts';
import { dissect } from '../trace/dissect.ts';
import { documentOf } from '../trace/document.ts';
import { checkTarget, readCapture, writeCapture } from '../trace/file.ts';
import { trace } from '../trace/lab.ts';
import { ALIGNS, cellsOf, footLines, HEAD, headLines } from '../trace/listing.ts';
import { pcapngOf } from '../trace/pcapng-writer.ts';
import { interruptible } from './interrupts.ts';
import { modeOf } from './mode-names.ts';
import { columns, log, print, printJson } from './output.ts';
import { displayOn } from './progress.ts';

interface TraceCommandOptions {
  link?: string;
  profiles?: string[];
  backend?: 'auto' | BackendName;
  qos?: '0' | '1' | '2';
  payloadBytes?: number;
  broker?: string;
  seed?: number;
  pcapng?: string;
  overwrite?: boolean;
  read?: string;
  json?: boolean;
}

const DEFAULTS = {
  link: 'reference',
  backend: 'auto',
  qos: '1',
  payloadBytes: 64,
  broker: 'aedes',
  seed: 1,
} as const;

/**
 * `trace MODE`: runs one connection and lists its packets; `trace --read FILE` lists those of a capture that it wrote before.
 * Exit code 6 when the connection failed, though its packets are listed.
 */
export async function execute(mode: string | undefined, options: TraceCommandOptions): Promise<ExitCode> {
  refuseLost(mode, options);
  if (options.read !== undefined) return executeRead(options.read, options);
  const asked = { ...DEFAULTS, ...options };
  const { name } = modeOf(mode ?? '');
  const link = await linkOf(asked.link, options.profiles ?? []);
  const broker = brokerByName(asked.broker);
  const { pcapng, overwrite = false } = options;
  if (pcapng !== undefined) await checkTarget(pcapng, { overwrite });
  const capture = await run({
    mode: name,
    link,
    broker,
    backend: asked.backend,
    qos: QOS[asked.qos],
    payloadBytes: asked.payloadBytes,
    seed: asked.seed,
  });
  show(capture, { json: options.json, complete: true });
  if (pcapng !== undefined) {
    await writeCapture(pcapng, pcapngOf(capture, application()), { overwrite });
    log(`${pcapng} holds the packets and the TLS keys of this connection: whoever has it can read it.`);
  }
  const { outcome } = capture.about;
  if (outcome.status !== 'failed') return EXIT.good;
  // The listing ends with it.
  if (options.json === true) log(`The connection failed: ${outcome.reason} (${outcome.detail})`);
  return EXIT.overBudget;
}

const QOS = { '0': 0, '1': 1, '2': 2 } as const;

async function executeRead(file: string, { json }: TraceCommandOptions): Promise<ExitCode> {
  const { about, keyLog, packets, problem } = await readCapture(file);
  if (about !== undefined) show({ about, keyLog, packets }, { json, complete: problem === undefined });
  if (problem !== undefined) throw problem;
  return EXIT.good;
}

async function run(options: Omit<Parameters<typeof trace>[0], 'observer' | 'signal'>): Promise<Capture> {
  const display = displayOn(process.stderr);
  try {
    const capture = await interruptible(
      (signal) => trace({ ...options, observer: display, signal }),
      'Stopping; once more ends at once.',
    );
    display.end('done');
    return capture;
  } catch (error) {
    display.end('failed');
    throw error;
  }
}

function show(
  capture: Capture,
  { json = false, complete }: { json: boolean | undefined; complete: boolean },
): void {
  const { about } = capture;
  const dissected = dissect(capture);
  if (json) {
    printJson(documentOf(about, dissected, complete));
    return;
  }
  print(
    [
      ...headLines(about),
      '',
      columns(HEAD, dissected.rows.map(cellsOf), ALIGNS),
      '',
      ...footLines(dissected, about),
    ].join('\n'),
  );
}

/** A profile, or no link at all as in a scenario. */
async function linkOf(name: string, files: readonly string[]): Promise<LinkSpec> {
  if (name === NULL_LINK.id) return NULL_LINK;
  const { id, up, down } = profile(name, await profilesWith(files));
  return { id, up, down };
}

function application(): string {
  const { name, version } = describeTool();
  return `${name} ${version}`;
}

/** A connection is either run or read. */
function refuseLost(mode: string | undefined, options: TraceCommandOptions): void {
  if (options.read === undefined) {
    if (mode === undefined)
      throw usageError(
        'There is no mode to trace',
        'Expected `trace MODE`, or `trace --read FILE`; `modes` lists them.',
      );
    if (options.overwrite === true && options.pcapng === undefined)
      throw usageError('--overwrite is for --pcapng FILE', 'Give that too, or leave it out.');
    return;
  }
  const { link, profiles, backend, qos, payloadBytes, broker, seed, pcapng, overwrite } = options;
  const lost = Object.entries({
    'A mode': mode,
    '--link': link,
    '--profiles': profiles,
    '--backend': backend,
    '--qos': qos,
    '--payload-bytes': payloadBytes,
    '--broker': broker,
    '--seed': seed,
    '--pcapng': pcapng,
    '--overwrite': overwrite,
  }).find(([, value]) => value !== undefined);
  if (lost !== undefined)
    throw usageError(`${lost[0]} is for running a connection, not for --read`, 'Leave one of the two out.');
}
