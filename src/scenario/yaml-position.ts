import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from 'yaml';
import type { Finding, Path } from './finding.ts';

/** A place in a text, both counted from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A YAML text that was parsed with a line counter. */
export interface YamlSource {
  document: Document;
  lines: LineCounter;
}

/** Whether the text itself has something at that path. */
export function standsInText({ document }: YamlSource, path: Path): boolean {
  return descend(document, path).found;
}

/** Where a finding stands: at the key or value itself, or at the nearest mapping around what is missing. */
export function positionOf(source: YamlSource, { path, at }: Pick<Finding, 'path' | 'at'>): Position {
  const { node, key } = descend(source.document, path);
  const place = at === 'key' && key !== undefined ? key : node;
  return positionAt(source.lines, place?.range?.[0] ?? 0);
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  // An empty text has no lines to count.
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface Reached {
  /** False when the path goes on where the text does not. */
  found: boolean;
  /** The deepest node that was reached. */
  node: Node | undefined;
  /** The key of the last step; undefined when that was an item of a list. */
  key: Node | undefined;
}

function descend(document: Document, path: Path): Reached {
  let node = document.contents ?? undefined;
  let key: Node | undefined;
  for (const segment of path) {
    const around = isAlias(node) ? node.resolve(document) : node;
    const next = isMap(around) ? pairOf(around.items as Pair<Node, Node>[], segment) : undefined;
    const item = isSeq(around) && typeof segment === 'number' ? (around.items[segment] as Node) : next?.value;
    if (next === undefined && item === undefined) return { found: false, node: around, key: undefined };
    key = next?.key;
    // A key without any value has no node of its own.
    node = item ?? next?.key;
  }
  return { found: true, node, key };
}

function pairOf(
  items: readonly Pair<Node, Node | null>[],
  segment: string | number,
): Pair<Node, Node | null> | undefined {
  return items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment));
}
