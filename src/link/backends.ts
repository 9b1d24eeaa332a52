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
 * The backend for a set of links. Throws a {@link BenchError} (exit code 5) that names what is lacking, on this
 * machine or in the backend, and which backends would do. One that leads packets across routers is taken where that is
 * wanted and there is one; otherwise what needs it is left out of the run.
 */
export async function chooseBackend(
  requested: 'auto' | BackendName,
  links: readonly LinkSpec[],
  wants: { cables: boolean } = { cables: false },
): Promise<ChosenBackend> {
  return requested === 'auto' ? chooseAutomatically(links, wants) : chooseNamed(requested, links);
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

async function chooseAutomatically(
  links: readonly LinkSpec[],
  wants: { cables: boolean },
): Promise<ChosenBackend> {
  const against: string[] = [];
  let without: ChosenBackend | undefined;
  for (const backend of BACKENDS) {
    const found = await backend.probe();
    if (!found.available) {
      against.push(`${backend.name}: ${found.reason}`);
      continue;
    }
    const problems = links.flatMap((link) =>
      backend.cannot(link).map((reason) => `${backend.name} and link '${link.id}': ${reason}`),
    );
    if (problems.length === 0 && wants.cables && backend.hasCables !== true) {
      without ??= { backend, why: `the best that works here: ${found.detail}` };
      against.push(`${backend.name}: it leads no packets across routers`);
    } else if (problems.length === 0) {
      return { backend, why: [`the best that works here: ${found.detail}`, ...against].join('; not ') };
    }
    against.push(...problems);
  }
  if (without !== undefined) return without;
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
