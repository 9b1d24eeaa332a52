export type Path = readonly (string | number)[];

/** Something wrong in a scenario, before it is known where in the file it stands. */
export interface Finding {
  path: Path;
  /** Whether the key or its value is wrong. */
  at: 'key' | 'value';
  message: string;
}

/** A path as messages and `--set` write it: `links.0.oneWayMs`. */
export function pathText(path: Path): string {
  return path.join('.');
}

/** Whether `path` is `start` or lies below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((segment, index) => segment === path[index]);
}

/** The value at a path of plain data, or undefined. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const segment of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}
