import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OpenLink } from '../link/backend.ts';
import { chooseBackend } from '../link/backends.ts';
import { calibrate } from '../link/calibrate.ts';
import type { Calibration, Estimate } from '../link/calibration/calibration.ts';
import { meanLoss } from '../link/lane/loss.ts';
import { profile, profilesWith } from '../link/profiles.ts';
import { isNullLink, type LinkSpec } from '../link/spec.ts';
import { loadScenario } from '../scenario/load.ts';
import { executeAa, type AaOptions } from './calibrate-aa.ts';
import { columns, log, print, printJson, style } from './output.ts';

interface CalibrateOptions extends AaOptions {
  /** A scenario, or the reference case. */
  aa?: string | true;
  scenario?: string;
  profiles?: string[];
}

const DEFAULT_LINK = 'reference';

/**
 * `calibrate [LINK…]`: makes links and measures what they really do, without any broker. Exit code 5 when one is not
 * what was asked for.
 */
export async function execute(names: string[], options: CalibrateOptions): Promise<ExitCode> {
  refuseLost(names, options);
  if (options.aa !== undefined) return executeAa(options.aa === true ? undefined : options.aa, options);
  const { json = false, seed = 1 } = options;
  const links = await linksOf(names, options);
  const { backend, why } = await chooseBackend(options.backend, links);
  log(`${backend.name}: ${why}`);
  const open = await backend.open({
    seed,
    onFlow: () => {},
    onCrash: (error) => log(`The link died: ${error.message}`),
  });
  try {
    const found = await calibrate(open, links, seed);
    if (json) printJson(await document(open, links, found));
    else print(await page(open, links, found));
    return [...found.values()].every(({ calibrated }) => calibrated) ? EXIT.good : EXIT.environment;
  } finally {
    await open.close();
  }
}

/** Options of the one thing mean nothing to the other. */
function refuseLost(names: readonly string[], options: CalibrateOptions): void {
  const { aa, rounds, effectMs, out, allowUncalibrated, targetIsMine, scenario, profiles } = options;
  const ofAa = {
    '--rounds': rounds,
    '--effect-ms': effectMs,
    '--out': out,
    '--allow-uncalibrated': allowUncalibrated,
    '--target-is-mine': targetIsMine,
  };
  const ofLinks = { 'a link': names[0], '--scenario': scenario, '--profiles': profiles };
  const lost = Object.entries(aa === undefined ? ofAa : ofLinks).find(([, value]) => value !== undefined);
  if (lost === undefined) return;
  throw usageError(
    aa === undefined
      ? `${lost[0]} is for calibrate --aa`
      : `${lost[0]} is for calibrating links, without --aa`,
    aa === undefined ? 'Add --aa, or leave it out.' : 'Leave it out; --aa takes a scenario: --aa SCENARIO.',
  );
}

async function linksOf(
  names: readonly string[],
  { scenario, profiles: files = [] }: CalibrateOptions,
): Promise<LinkSpec[]> {
  const all = await profilesWith(files);
  const ofScenario = scenario === undefined ? [] : (await loadScenario(scenario)).links;
  const asked = names.length === 0 && scenario === undefined ? [DEFAULT_LINK] : [...new Set(names)];
  const named = asked.map((name) => profile(name, all));
  return [...named.map(({ id, up, down }) => ({ id, up, down })), ...ofScenario];
}

async function document(
  open: OpenLink,
  links: readonly LinkSpec[],
  found: ReadonlyMap<string, Calibration>,
): Promise<unknown> {
  return {
    backend: open.backend,
    tcp: open.tcp,
    lateness: await open.lateness(),
    links: links.map((link) => ({
      id: link.id,
      requested: { up: link.up, down: link.down },
      ...found.get(link.id),
    })),
  };
}

async function page(
  open: OpenLink,
  links: readonly LinkSpec[],
  found: ReadonlyMap<string, Calibration>,
): Promise<string> {
  const lines = [
    columns(
      [
        'link',
        '',
        'asked, ms',
        'one way, ms',
        'p99',
        'n',
        'jitter, ms',
        'measured',
        'loss',
        'measured',
        'kbit/s',
        'measured',
      ],
      links.flatMap((link) => {
        const calibration = found.get(link.id);
        if (calibration === undefined) return [];
        return [row(link, 'up', calibration), row(link, 'down', calibration)];
      }),
    ),
    '',
    ...links.flatMap((link) => sentences(link, found.get(link.id))),
  ];
  const lateness = await open.lateness();
  if (lateness !== undefined) {
    lines.push(
      `Released late: p50 ${lateness.p50Ms.toFixed(3)}, p99 ${lateness.p99Ms.toFixed(3)}, at most ${lateness.maxMs.toFixed(3)} ms over ${lateness.released} packets or chunks.`,
    );
  }
  lines.push('Intervals in brackets are 95 %. Measured times have the floor in them, and no serialization.');
  return lines.join('\n');
}

function row(link: LinkSpec, way: 'up' | 'down', calibration: Calibration): (string | number)[] {
  const { delayMs: asked, jitterMs: askedJitterMs, rateKbit: askedKbit } = link[way];
  const { delayMs, p99Ms, jitterMs, rateKbit, loss } = calibration[way];
  const askedLoss = meanLoss(link[way]);
  return [
    way === 'up' ? link.id : '',
    way,
    asked,
    interval(delayMs, 2),
    p99Ms.toFixed(2),
    delayMs.count,
    askedJitterMs === 0 ? '' : askedJitterMs,
    interval(jitterMs, 1),
    askedLoss === 0 ? '' : percent(askedLoss),
    loss === undefined
      ? ''
      : `${percent(loss.value)} [${percent(loss.low)}, ${percent(loss.high)}] of ${loss.count}`,
    askedKbit ?? '',
    interval(rateKbit, 1),
  ];
}

function interval(estimate: Estimate | undefined, digits: number): string {
  if (estimate === undefined) return '';
  const { value, low, high } = estimate;
  return `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function sentences(link: LinkSpec, calibration: Calibration | undefined): string[] {
  if (calibration === undefined) return [];
  const { calibrated, problem, attempts, floor, connect, firstByte } = calibration;
  const times = attempts === 1 ? '' : `, measured ${attempts} times`;
  const verdict = calibrated
    ? `${style('green', '✓')} ${link.id} is as asked${times}.`
    : `${style('red', '✗')} ${link.id} is not what was asked for${times}: ${problem ?? ''}.`;
  const connecting =
    connect === undefined
      ? 'Connecting is modelled'
      : `Connecting took ${connect.measuredMs.toFixed(2)} ms (${connect.floorMs.toFixed(2)} over no link)`;
  const rest = `${connecting}, the first byte ${firstByte.measuredMs.toFixed(2)} ms (${firstByte.floorMs.toFixed(2)}).`;
  const floors = `The floor is ${floor.upMs.toFixed(2)} ms up and ${floor.downMs.toFixed(2)} ms down.`;
  return [verdict, `  ${rest}${isNullLink(link) ? '' : ` ${floors}`}`];
}
