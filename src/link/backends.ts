import { environmentError } from '../errors.ts';
import type { BackendName, LinkBackend } from './backend.ts';
import { netemBackend } from './netem.ts';
import { noneBackend } from './none.ts';
import { proxyBackend } from './proxy.ts';
import { refusal } from './refuse.ts';
import { tunBackend } from './tun.ts';
import type { LinkSpec } from './spec.ts';

/** Every backend, from the truest to the most portable; `auto` takes the first that works here and can do all links. */
export const BACKENDS: readonly LinkBackend[] = [netemBackend, tunBackend, proxyBackend, noneBackend];

export interface ChosenBackend {
  backend: LinkBackend;
  /** Why it was chosen, and what spoke against the ones before it: a sentence for the log and the report. */
  why: string;
}

/**
 * The backend for a set of links. With `needsTap`, `auto` takes one that sees the wire before one that does not, since
 * nothing else tells what happens at the broker. Throws a {@link BenchError} (exit code 5) that names what is lacking, on this
 * machine or in the backend, and which backends would do.
 */
export async function chooseBackend(
  requested: 'auto' | BackendName,
  links: readonly LinkSpec[],
  needsTap = false,
): Promise<ChosenBackend> {
  return requested === 'auto' ? chooseAutomatically(links, needsTap) : chooseNamed(requested, links);
}

async function chooseNamed(name: BackendName, links: readonly LinkSpec[]): Promise<ChosenBackend> {
  const backend = BACKENDS.find((candidate) => candidate.name === name);
  if (backend === undefined) throw new Error(`The '${name}' backend is missing from the list of backends`);
  refuseAll(backend, links);
  const found = await backend.probe();
  if (!found.available) {
    throw environmentError(`The '${name}' backend does not work here: ${found.reason}`, found.mend);
  }
  return { backend, why: `asked for: ${found.detail}` };
}

/** Throws the {@link BenchError} for the first link that a backend cannot reproduce, if there is one. */
export function refuseAll(backend: LinkBackend, links: readonly LinkSpec[]): void {
  for (const link of links) {
    const refused = refusal(backend, link, namesOfAble([link]));
    if (refused !== undefined) throw refused;
  }
}

async function chooseAutomatically(links: readonly LinkSpec[], needsTap: boolean): Promise<ChosenBackend> {
  const blind = needsTap ? BACKENDS.filter(({ tapped }) => !tapped) : [];
  const against = blind.map(
    ({ name }) => `${name}: it does not see the wire, which alone tells what happens at the broker`,
  );
  for (const backend of [...BACKENDS.filter((one) => !blind.includes(one)), ...blind]) {
    const found = await backend.probe();
    if (!found.available) {
      against.push(`${backend.name}: ${found.reason}`);
      continue;
    }
    const problems = links.flatMap((link) =>
      backend.cannot(link).map((reason) => `${backend.name} and link '${link.id}': ${reason}`),
    );
    if (problems.length === 0) {
      const others = against.filter((text) => !text.startsWith(`${backend.name}: `));
      return { backend, why: [`the best that works here: ${found.detail}`, ...others].join('; not ') };
    }
    against.push(...problems);
  }
  throw environmentError(
    `No backend of this machine can reproduce the links. ${against.join('. ')}.`,
    'Choose links with a one-way delay alone, or one backend for each link in runs of their own.',
  );
}

function namesOfAble(links: readonly LinkSpec[]): string[] {
  return BACKENDS.filter((backend) => links.every((link) => backend.cannot(link).length === 0)).map(
    (backend) => backend.name,
  );
}
