import { EXIT, type ExitCode } from '../exit-codes.ts';
import { profile, profilesWith, type LinkProfile } from '../link/profiles.ts';
import type { Direction } from '../link/spec.ts';
import { askBackends, makersOf, type AskedBackend } from './link-makers.ts';
import { linkPage } from './link-page.ts';
import { bursts, eachWay, percent } from './link-words.ts';
import { columns, print, printJson } from './output.ts';

/**
 * `links [NAME]`: the named links, where their figures come from, and which backends of this machine can make them; or
 * all that is known of one. Profiles of the user's own are read from `--profiles` files, and so checked.
 */
export async function execute(
  name: string | undefined,
  { profiles: files = [], json = false }: { profiles?: string[]; json?: boolean },
): Promise<ExitCode> {
  const all = await profilesWith(files);
  const chosen = name === undefined ? undefined : profile(name, all);
  const asked = await askBackends();
  if (chosen !== undefined) {
    if (json) printJson(document(chosen, asked));
    else print(linkPage(chosen, makersOf(chosen, asked)));
  } else if (json) printJson([...all.values()].map((link) => document(link, asked)));
  else print(list([...all.values()], asked));
  return EXIT.good;
}

function document({ id, ...values }: LinkProfile, asked: readonly AskedBackend[]): unknown {
  return { name: id, ...values, backends: namesOfMakers({ id, ...values }, asked) };
}

function namesOfMakers(link: LinkProfile, asked: readonly AskedBackend[]): string[] {
  return makersOf(link, asked)
    .filter(({ makes }) => makes)
    .map(({ name }) => name);
}

interface Column {
  title: string;
  cell: (way: Direction) => string;
}

/** Left out where no link of the list has any. */
const RARE: readonly Column[] = [
  { title: 'burst loss', cell: ({ burstLoss }) => (burstLoss === undefined ? '' : bursts(burstLoss)) },
  { title: 'reordered', cell: ({ reorder = 0 }) => percent(reorder) },
  { title: 'duplicated', cell: ({ duplicate = 0 }) => percent(duplicate) },
];

function list(links: readonly LinkProfile[], asked: readonly AskedBackend[]): string {
  const shown: readonly Column[] = [
    { title: 'one way, ms', cell: ({ delayMs }) => String(delayMs) },
    { title: 'jitter', cell: ({ jitterMs }) => (jitterMs === 0 ? '' : `±${jitterMs}`) },
    { title: 'loss', cell: ({ loss }) => percent(loss) },
    ...RARE.filter(({ cell }) => links.some((link) => eachWay(link, cell) !== '')),
    { title: 'kbit/s', cell: ({ rateKbit }) => String(rateKbit ?? '') },
  ];
  return [
    columns(
      ['link', ...shown.map(({ title }) => title), 'made here by', 'source'],
      links.map((link) => [
        link.id,
        ...shown.map(({ cell }) => eachWay(link, cell)),
        namesOfMakers(link, asked).join(', ') || '-',
        `${link.source}${link.synthetic ? ' (synthetic in part)' : ''}`,
      ]),
    ),
    '',
    'Two figures are up / down: client to broker / broker to client. Synthetic: a figure is a choice inside what the source',
    'reports. `links NAME` tells all of one. The backend `none` is bare loopback.',
  ].join('\n');
}
