import { closestMatch } from 'leven';

/** The name that was probably meant, or undefined when none is near: two slips, more in long names, never all letters. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const sameButCase = names.find((name) => name.toLowerCase() === given.toLowerCase());
  if (sameButCase !== undefined) return sameButCase;
  const slips = Math.max(2, Math.floor(given.length / 3));
  return closestMatch(given, names, { maxDistance: Math.max(0, Math.min(slips, given.length - 1)) });
}

/** `; did you mean "tls13"?`, or nothing. */
export function didYouMean(given: string, names: readonly string[]): string {
  const name = nearestName(given, names);
  return name === undefined ? '' : `; did you mean "${name}"?`;
}
