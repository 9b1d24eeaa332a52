import { isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf } from '../errors.ts';
import { positionAt, type Position, type YamlSource } from './yaml-position.ts';

/** Something that is wrong with a text as YAML. */
export interface TextProblem {
  position: Position;
  message: string;
}

/** A parsed text; its data can be trusted when there are no problems. */
export interface ParsedYaml extends YamlSource {
  data: unknown;
  problems: TextProblem[];
}

const REWORDED: Record<string, string> = {
  DUPLICATE_KEY: 'this key stands here a second time, expected each key once',
  MULTIPLE_DOCS: 'a second YAML document begins here, expected one scenario in a file',
};

/** Parses YAML 1.2 and says with line and column what is wrong with it as YAML. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
      offset: pos[0],
      message: REWORDED[code] ?? message,
    })),
    ...neverMeant(document),
  ].map(({ offset, message }) => ({ position: positionAt(lines, offset), message }));
  if (problems.length > 0) return { document, lines, data: undefined, problems };
  try {
    return { document, lines, data: document.toJS(), problems };
  } catch (error) {
    // Aliases of aliases that multiply to millions of nodes.
    const problem = { position: positionAt(lines, 0), message: messageOf(error) };
    return { document, lines, data: undefined, problems: [problem] };
  }
}

/** What YAML lets pass and nobody means in a scenario. */
function neverMeant(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const message = `there is no anchor &${alias.source} before this alias`;
      found.push({ offset: alias.range?.[0] ?? 0, message });
    },
    Pair: (_key, { key }) => {
      if (isScalar(key)) return;
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      found.push({ offset, message: 'a list, mapping or alias stands here as a key, expected a name' });
    },
    Scalar: (key, scalar) => {
      if (typeof key !== 'number' || scalar.value !== null || scalar.source !== '') return;
      found.push({ offset: scalar.range?.[0] ?? 0, message: 'an empty list item, expected a value' });
    },
  });
  return found;
}
