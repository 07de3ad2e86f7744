import { SaxesParser } from 'saxes';
import { LIST_KEYS, typedScalar } from './json-keys.ts';
import { PlanReadError } from './plan-read-error.ts';
import type { JsonObject, JsonValue, RawPlan } from './raw-plan.ts';
import { setKey } from './raw-plan.ts';
import type { SourceLine } from './source/source-lines.ts';
import { findStatements, readStatement } from './structured/read-statements.ts';

/** Does the source hold what looks like FORMAT XML? */
export function looksLikeXml(source: string): boolean {
  return source.includes('<explain') && (/^[\s"'|│║+-]*<explain\b/m.test(source) || /^\s*<\?xml/.test(source));
}

/**
 * Reads every plan of FORMAT XML in a source, junk around the documents left aside.
 * @throws {PlanReadError} no plan, or XML that is not well formed
 */
export function readXmlPlans(lines: readonly SourceLine[]): RawPlan[] {
  const plans: RawPlan[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const start = lines[index]?.text.indexOf('<explain') ?? -1;
    if (start === -1) continue;
    let last = index;
    while (last < lines.length - 1 && !lines[last]?.text.includes('</explain>')) last += 1;
    const document = lines
      .slice(index, last + 1)
      .map((line, position) => (position === 0 ? line.text.slice(start) : line.text))
      .join('\n');
    const value = readDocument(document, lines[index]?.number ?? 1);
    plans.push(...findStatements(value).map((statement) => readStatement(statement, 'xml')));
    index = last;
  }
  if (plans.length === 0)
    throw new PlanReadError('The XML holds no plan: no <Plan> with a <Node-Type>', lines[0]?.number ?? 1);
  return plans;
}

/** `name` is the tag; the tag's own name is told from its place: `<Plan>` under `<Plans>` is an element of a list. */
type Element = {
  readonly tag: string;
  readonly name: string;
  text: string;
  object: JsonObject | null;
  list: JsonValue[] | null;
};

const LISTS = new Set([
  'Plans',
  'Workers',
  'Triggers',
  'Target Tables',
  'Grouping Sets',
  'Hash Keys',
  'Group Keys',
  'Sort Methods Used',
]);
const NAMES: Record<string, string> = {
  'Full-sort-Groups': 'Full-sort Groups',
  'Pre-sorted-Groups': 'Pre-sorted Groups',
  'One-Time-Filter': 'One-Time Filter',
};

/** Tags have `-` for every character that XML does not allow in a name. */
function keyOf(tag: string): string {
  const known = KEYS.get(tag);
  if (known !== undefined) return known;
  const key =
    (Object.hasOwn(NAMES, tag) ? NAMES[tag] : undefined) ?? tag.replace(/\bI-O-/g, 'I/O ').replaceAll('-', ' ');
  if (KEYS.size < 1000) KEYS.set(tag, key);
  return key;
}

const KEYS = new Map<string, string>();

function readDocument(document: string, firstLine: number): JsonValue {
  const parser = new SaxesParser({ xmlns: false });
  const stack: Element[] = [];
  const statements: JsonValue[] = [];
  const top: Element = { tag: '', name: '', text: '', object: {}, list: null };
  parser.on('opentag', ({ name: tag }) => {
    const inSettings = stack.at(-1)?.tag === 'Settings';
    stack.push({ tag, name: inSettings ? tag : keyOf(tag), text: '', object: null, list: null });
  });
  parser.on('text', (text) => {
    const element = stack.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => {
    const element = stack.pop();
    if (!element) return;
    const value = valueOf(element, stack.at(-1)?.tag === 'Settings');
    if (element.tag === 'Query') statements.push(value);
    else addChild(stack.at(-1) ?? top, element.name, value);
  });
  let failure: PlanReadError | null = null;
  parser.on('error', (error) => {
    failure ??= new PlanReadError(
      `The XML cannot be read: ${error.message.replace(/^\d+:\d+: /, '')}`,
      firstLine + parser.line - 1,
      parser.columnIndex + 1,
    );
  });
  try {
    parser.write(document).close();
  } catch (error) {
    failure ??= new PlanReadError(
      `The XML cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`,
      firstLine,
    );
  }
  if (failure) throw failure;
  // auto_explain prints the statement right under <explain>.
  return statements.length > 0 ? statements : (top.object ?? {});
}

function valueOf(element: Element, isSetting: boolean): JsonValue {
  if (element.list) return element.list;
  if (element.object) return element.object;
  if (LISTS.has(element.name) || LIST_KEYS.has(element.name)) return [];
  if (element.tag === 'Settings') return {};
  if (element.tag === 'Item') return element.text;
  return isSetting ? element.text : typedScalar(element.name, element.text);
}

function addChild(parent: Element, name: string, value: JsonValue): void {
  if (LISTS.has(parent.name) || name === 'Item') {
    parent.list ??= [];
    parent.list.push(value);
    return;
  }
  parent.object ??= {};
  setKey(parent.object, name, value);
}
