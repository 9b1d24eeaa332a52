import { stringify } from 'yaml';
import type { LinkProfile } from '../link/profiles.ts';
import { isNullLink, type Direction } from '../link/spec.ts';
import { linkInput } from '../scenario/to-yaml.ts';
import type { Maker } from './link-makers.ts';
import { bursts, percent } from './link-words.ts';
import { columns, style } from './output.ts';

/** An IP packet that fills Ethernet: what a certificate travels in. */
const FULL_PACKET_BYTES = 1500;

/** All that is known of one link, for a person. */
export function linkPage(link: LinkProfile, makers: readonly Maker[]): string {
  return [
    `${style('bold', link.id)}: ${link.description}`,
    '',
    style('bold', 'Each direction'),
    columns(['', '', 'up (client → broker)', 'down (broker → client)'], figures(link)),
    '',
    style('bold', 'Source'),
    `  ${link.source}`,
    ...(link.synthetic ? ['  Synthetic in part: a figure is a choice inside what the source reports.'] : []),
    ...(link.file === undefined ? [] : [`  A profile of your own, in ${link.file}.`]),
    '',
    style('bold', 'What can make it here'),
    columns(
      [],
      makers.map(({ name, makes, why }) => ['', name, makes ? 'yes' : 'no', why]),
    ),
    '',
    style('bold', 'In a scenario'),
    indent(byName(link)),
    style('bold', 'or spelled out, to change it'),
    indent(stringify({ links: [linkInput(link)] })),
  ]
    .join('\n')
    .trimEnd();
}

function figures({ up, down }: LinkProfile): string[][] {
  const rows: [string, (way: Direction) => string][] = [
    ['delay', ({ delayMs }) => `${delayMs} ms`],
    [
      'jitter (standard deviation)',
      ({ jitterMs, jitterDistribution = 'normal' }) =>
        jitterMs === 0 ? '' : `${jitterMs} ms, ${jitterDistribution}`,
    ],
    ['loss', ({ loss }) => percent(loss)],
    ['loss in bursts', ({ burstLoss }) => (burstLoss === undefined ? '' : `${bursts(burstLoss)} packets`)],
    ['rate', ({ rateKbit }) => (rateKbit === undefined ? '' : `${rateKbit} kbit/s`)],
    [
      `${FULL_PACKET_BYTES.toLocaleString('en')} bytes take`,
      ({ rateKbit }) =>
        rateKbit === undefined ? '' : `${+((FULL_PACKET_BYTES * 8) / rateKbit).toPrecision(3)} ms`,
    ],
    ['overtake the ones before', ({ reorder = 0 }) => percent(reorder)],
    ['arrive twice', ({ duplicate = 0 }) => percent(duplicate)],
  ];
  return rows
    .map(([title, show]) => ['', title, show(up) || 'none', show(down) || 'none'])
    .filter(([, , there, back]) => there !== 'none' || back !== 'none');
}

function byName({ id, file, ...link }: LinkProfile): string {
  // Bare, YAML takes it for no value; a scenario takes that for the name.
  const name = isNullLink({ id, ...link }) && id === 'null' ? null : id;
  return stringify({ ...(file === undefined ? {} : { linkProfiles: file }), links: [name] });
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
