import { usageError } from '../errors.ts';
import { METHOD_NAMES, METHODS, methodNamed } from '../payload/index.ts';
import type { Method } from '../payload/method.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { or } from '../scenario/wording.ts';

/** The ways to protect a payload that a user names, each once; all when there is none. Throws a BenchError for a name that there is not. */
export function methodsOf(names: readonly string[]): readonly Method[] {
  if (names.length === 0) return METHODS;
  return [...new Set(names)].map((name) => {
    if (METHOD_NAMES.includes(name)) return methodNamed(name);
    throw usageError(
      `There is no way to protect a payload called "${name}"${didYouMean(name, METHOD_NAMES)}`,
      `There are ${or(METHOD_NAMES)}.`,
    );
  });
}
