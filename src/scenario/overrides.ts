import { isMap, isScalar, isSeq, type Document } from 'yaml';
import { usageError } from '../errors.ts';
import { pathText, type Path } from './finding.ts';
import { show } from './wording.ts';
import { parseYaml } from './yaml-text.ts';

/** One `--set path=value`. */
export interface Override {
  path: Path;
  value: unknown;
  /** As it was written, for messages. */
  option: string;
}

const EXAMPLE = 'Write it as --set path=value, for example --set rounds=50 or --set links.0=lte.';

/** What may be wrong about these is that a secret was written. */
const SECRET_KEYS = /password|username|psk(?:Key|Identity)|:\/\/[^/]*@/i;

/**
 * Reads `path=value`: the path dotted, items of a list by their index from 0 (`links.0.oneWayMs`), the value as YAML.
 * Throws a usage error that names the option.
 */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  const option = `--set ${SECRET_KEYS.test(text) ? `${/^[^=\s]*/.exec(text)?.[0]}=…` : text}`;
  if (equals < 0) throw usageError(`${option}: expected path=value, got no "="`, EXAMPLE);
  const segments = text
    .slice(0, equals)
    .trim()
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
  if (segments.includes('')) throw usageError(`${option}: the path has an empty part`, EXAMPLE);
  const { data, problems } = parseYaml(text.slice(equals + 1));
  const [problem] = problems;
  if (problem !== undefined)
    throw usageError(`${option}: the value is not YAML: ${problem.message}`, EXAMPLE);
  return {
    path: segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment)),
    value: data,
    option,
  };
}

/** Applies an override to a document. Shape: what is wrong with its path, or undefined. */
export function applyOverride(document: Document, { path, value }: Override): string | undefined {
  const problem = obstacle(document, path);
  if (problem !== undefined) return problem;
  document.setIn(path, document.createNode(value));
  return undefined;
}

/** Why a path cannot be set; keys that a mapping does not have yet can. */
function obstacle(document: Document, path: Path): string | undefined {
  for (const [depth, segment] of path.entries()) {
    const above = path.slice(0, depth);
    const node = depth === 0 ? document.contents : document.getIn(above, true);
    if (node === undefined || node === null) return undefined;
    const name = depth === 0 ? 'the scenario' : pathText(above);
    if (isSeq(node)) {
      const size = node.items.length;
      if (typeof segment !== 'number' || segment > size) {
        return `${name} is a list of ${size}, expected an index from 0 to ${size}, got ${show(segment)}`;
      }
    } else if (!isMap(node)) {
      const what = isScalar(node) ? show(node.value) : 'an alias';
      return `${name} is ${what}, expected a mapping or a list to set ${segment} in; set ${name} as a whole`;
    }
  }
  return undefined;
}
