import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { isObject, parseJson } from '../../core/json.ts';

/** Where something stands in a file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text of JSON with comments, read. */
export interface Source {
  readonly text: string;
  /** `undefined` where the text is no JSON. */
  readonly value: unknown;
  /** What is wrong with the text as JSON, first fault first. */
  readonly faults: readonly (Position & { readonly message: string })[];
  /** Where the value under a path stands; where there is none, its nearest parent. */
  positionOf(path: readonly PropertyKey[]): Position;
  /** Where the name of a property stands. */
  positionOfName(path: readonly PropertyKey[], name: string): Position;
}

/** Reads JSON or JSONC: comments and trailing commas are allowed. Never throws. */
export function readSource(text: string): Source {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const at = (offset: number): Position => positionAt(text, offset);
  const syntax = errors.map(({ error, offset }) => ({
    ...at(offset),
    message: `is not valid JSON here: ${sayError(printParseErrorCode(error))}`,
  }));
  const names = tree === undefined ? [] : repeatedNames(tree);
  return {
    text,
    value: tree === undefined || errors.length > 0 ? undefined : withoutSchema(getNodeValue(tree)),
    faults: [
      // What follows the first fault of a text mostly follows from it.
      ...syntax.slice(0, 1),
      ...names.map(({ offset, name }) => ({ ...at(offset), message: `"${name}" stands here twice; leave one out` })),
    ],
    positionOf: (path) => at(nearestNode(tree, path)?.offset ?? 0),
    positionOfName: (path, name) => {
      const parent = nearestNode(tree, path);
      const property = parent?.children?.find(({ children }) => children?.[0]?.value === name);
      return at((property ?? parent)?.offset ?? 0);
    },
  };
}

/** The text to keep in KV: JSON stays as it is written, from anything else comments and `$schema` are taken out. */
export function jsonText({ text, value }: Pick<Source, 'text' | 'value'>): string {
  const plain = parseJson(text);
  const isJson = plain !== undefined && !(isObject(plain) && Object.hasOwn(plain, '$schema'));
  return isJson || value === undefined ? text : `${JSON.stringify(value, null, 2)}\n`;
}

/** `$schema` at the top is for the editor, not for the router, whose schema is strict. */
function withoutSchema(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { $schema: _, ...rest } = value;
  return rest;
}

/** The node under a path, or the one of the longest part of it that there is. */
function nearestNode(tree: Node | undefined, path: readonly PropertyKey[]): Node | undefined {
  if (tree === undefined) return undefined;
  const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
  for (let length = steps.length; length > 0; length -= 1) {
    const found = findNodeAtLocation(tree, steps.slice(0, length));
    if (found !== undefined) return found;
  }
  return tree;
}

/** Property names that an object holds twice: JSON takes the last, the eye the first. */
function repeatedNames(tree: Node): { offset: number; name: string }[] {
  const repeated: { offset: number; name: string }[] = [];
  const open = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    open.push(...(node.children ?? []));
    if (node.type !== 'object') continue;
    const seen = new Set<unknown>();
    for (const property of node.children ?? []) {
      const name: unknown = property.children?.[0]?.value;
      if (seen.has(name)) repeated.push({ offset: property.offset, name: String(name) });
      seen.add(name);
    }
  }
  return repeated.toSorted((a, b) => a.offset - b.offset);
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** `CommaExpected` as `comma expected`. */
function sayError(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
