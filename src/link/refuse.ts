import { environmentError, type BenchError } from '../errors.ts';
import type { LinkBackend } from './backend.ts';
import type { LinkSpec } from './spec.ts';

/**
 * The error for a link that a backend cannot reproduce, or undefined when it can. `able` are the backends that can,
 * for who knows them all.
 */
export function refusal(
  backend: Pick<LinkBackend, 'name' | 'cannot'>,
  link: LinkSpec,
  able?: readonly string[],
): BenchError | undefined {
  const reasons = backend.cannot(link);
  if (reasons.length === 0) return undefined;
  return environmentError(
    `The '${backend.name}' backend cannot reproduce the link '${link.id}': ${reasons.join('; ')}`,
    remedy(able),
  );
}

function remedy(able: readonly string[] | undefined): string {
  if (able === undefined) return '`--backend auto` takes a backend that can, where there is one.';
  if (able.length === 0) return 'No backend of this version can: choose a link with a one-way delay alone.';
  return `Choose a backend that can: --backend ${able.join(' or --backend ')}.`;
}
