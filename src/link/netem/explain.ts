import { enterNamespace, newNamespace } from '../namespace.ts';
import { NULL_LINK, type LinkSpec } from '../spec.ts';
import { linkCommands, namespaceCommands, type Command } from './commands.ts';

/** How the two namespaces are named in lines to read. */
const HELD_BY = { client: '$CLIENT', broker: '$BROKER' } as const;

/**
 * The commands that make a run's links, in order, as lines of a shell in which CLIENT and BROKER are the pids of the
 * processes that hold the namespaces. The null link is always made: calibration takes the machine's own part from it.
 */
export function explain(links: readonly LinkSpec[], seed: number): string[] {
  const all = [NULL_LINK, ...links.filter(({ id }) => id !== NULL_LINK.id)];
  return [
    `# Two network namespaces, each held by a process (${newNamespace().join(' ')} …): pids CLIENT and BROKER.`,
    ...namespaceCommands().map(line),
    ...all.flatMap((link, index) => [
      `# Link ${link.id}`,
      ...linkCommands(link, { index, brokerNamespace: HELD_BY.broker }, seed).map(line),
    ]),
  ];
}

function line({ side, argv }: Command): string {
  return [...enterNamespace(HELD_BY[side]), ...argv].join(' ');
}
