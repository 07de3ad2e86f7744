import { SaxesParser } from 'saxes';
import { GROUP_LIST_KEYS, LIST_KEYS, typedScalar } from './json-keys.ts';
import { PlanReadError } from './plan-read-error.ts';
import type { JsonObject, JsonValue, RawPlan } from './raw-plan.ts';
import { setKey } from './raw-plan.ts';
import type { SourceLine } from './source/source-lines.ts';
import { findStatements, readStatement } from './structured/read-statements.ts';

/** Does the source hold what looks like FORMAT XML? */
export function looksLikeXml(source: string): boolean {
  return source.includes('<explain') && (/<explain(?:\s+xmlns=|\s*>)/.test(source) || /^\s*<\?xml/.test(source));
}

/**
 * Reads every plan of FORMAT XML in a source, junk around the documents left aside.
 * @param split the source in lines without frames
 * @throws {PlanReadError} no plan, or XML that is not well formed
 */
export function readXmlPlans(source: string, split: () => readonly SourceLine[]): RawPlan[] {
  const whole = readWhole(source);
  if (whole.length > 0) return whole;
  const lines = split();
  const plans: RawPlan[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const start = lines[index]?.text.indexOf('<explain') ?? -1;
    if (start === -1) continue;
    let last = index;
    // Citus has documents inside documents.
    for (let open = openedIn(lines[last]?.text ?? ''); open > 0 && last < lines.length - 1;) {
      last += 1;
      open += openedIn(lines[last]?.text ?? '');
    }
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

/** How many more documents a line opens than it closes. */
function openedIn(text: string): number {
  if (!text.includes('explain')) return 0;
  return text.split(/<explain\b/).length - text.split('</explain>').length;
}

/** The fast way, for one document with nothing around it. */
function readWhole(source: string): RawPlan[] {
  if (!source.startsWith('<explain') || source.includes('\r')) return [];
  const value = readPrinted(source);
  return value === null ? [] : findStatements(value).map((statement) => readStatement(statement, 'xml'));
}

/** `name` is the tag; the tag's own name is told from its place: `<Plan>` under `<Plans>` is an element of a list. */
type Element = {
  readonly tag: string;
  readonly name: string;
  text: string;
  object: JsonObject | null;
  list: JsonValue[] | null;
  /** What PostgreSQL prints among the elements of a list, and is about the node around it. */
  strays?: JsonObject;
};

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

/**
 * Reads what PostgreSQL prints, elements without attributes that hold either text or elements, in one pass.
 * Returns null for anything richer or not well formed, which the library then reads, or tells where it is wrong.
 */
function readPrinted(document: string): JsonValue | null {
  const opening = document.indexOf('>');
  if (!/^<explain(?:\s+xmlns="[^"<>&]*")?\s*$/.test(document.slice(0, opening))) return null;
  const statements: JsonValue[] = [];
  const top: Element = { tag: 'explain', name: 'explain', text: '', object: {}, list: null };
  const stack: Element[] = [top];
  let element = top;
  let position = opening + 1;
  for (;;) {
    const start = document.indexOf('<', position);
    if (start === -1) return null;
    for (let index = position; index < start; index += 1) if (document.charCodeAt(index) > 32) return null;
    const end = document.indexOf('>', start);
    if (end === -1) return null;
    if (document.charCodeAt(start + 1) === 47) {
      if (document.slice(start + 2, end) !== element.tag) return null;
      position = end + 1;
      if (element === top) break;
      stack.pop();
      const parent = stack.at(-1) ?? top;
      endElement(element, parent, stack.length === 1, statements);
      element = parent;
      continue;
    }
    const tag = document.slice(start + 1, end);
    const inSettings = element.tag === 'Settings';
    const name = inSettings ? tag : keyOf(tag);
    const next = document.indexOf('<', end);
    if (next === -1 || !isTag(tag)) return null;
    if (document.charCodeAt(next + 1) !== 47) {
      element = { tag, name, text: '', object: null, list: null };
      stack.push(element);
      position = end + 1;
      continue;
    }
    if (!document.startsWith(tag, next + 2) || document.charCodeAt(next + 2 + tag.length) !== 62) return null;
    const text = decoded(document.slice(end + 1, next));
    if (text === null) return null;
    addChild(element, name, leafValue(tag, name, text, inSettings));
    position = next + 3 + tag.length;
  }
  for (let index = position; index < document.length; index += 1) if (document.charCodeAt(index) > 32) return null;
  return statements.length > 0 ? statements : (top.object ?? {});
}

const TAGS = new Set<string>();

/** A name of XML and nothing else: no attribute, no comment, no `<a/>`. */
function isTag(tag: string): boolean {
  if (TAGS.has(tag)) return true;
  const isName = /^[A-Za-z_][\w.-]*$/.test(tag);
  if (isName && TAGS.size < 1000) TAGS.add(tag);
  return isName;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text with its entities resolved; null where there is one that XML does not know by itself. */
function decoded(text: string): string | null {
  if (!text.includes('&')) return text;
  let known = true;
  const result = text.replaceAll(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+));|&/g, (_, decimal, hexadecimal, name) => {
    const code = decimal === undefined ? Number.parseInt(String(hexadecimal), 16) : Number(decimal);
    if (Number.isInteger(code) && code > 0 && code <= 0x10ff_ff) return String.fromCodePoint(code);
    const entity = typeof name === 'string' && Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (entity === undefined) known = false;
    return entity ?? '';
  });
  return known ? result : null;
}

/** Citus has more of `<Query>` further down: the text of a task's statement, and plans of other servers. */
function endElement(element: Element, parent: Element, isTop: boolean, statements: JsonValue[]): void {
  const value = valueOf(element, parent.tag === 'Settings');
  if (isTop && element.tag === 'Query') statements.push(value);
  else addChild(parent, element.name, value);
  if (element.strays) Object.assign((parent.object ??= {}), element.strays);
}

function readDocument(document: string, firstLine: number): JsonValue {
  return readPrinted(document) ?? readWithLibrary(document, firstLine);
}

function readWithLibrary(document: string, firstLine: number): JsonValue {
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
    endElement(element, stack.at(-1) ?? top, stack.length <= 1, statements);
  });
  // The first error ends the reading: the library would go on and find one in every tag that is left open.
  parser.on('error', (error) => {
    throw new PlanReadError(
      `The XML cannot be read: ${error.message.replace(/^\d+:\d+: /, '')}`,
      firstLine + parser.line - 1,
      parser.columnIndex + 1,
    );
  });
  try {
    parser.write(document).close();
  } catch (error) {
    if (error instanceof PlanReadError) throw error;
    throw new PlanReadError(
      `The XML cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`,
      firstLine,
    );
  }
  // auto_explain prints the statement right under <explain>.
  return statements.length > 0 ? statements : (top.object ?? {});
}

function valueOf(element: Element, isSetting: boolean): JsonValue {
  if (element.list) return element.list;
  return element.object ?? leafValue(element.tag, element.name, element.text, isSetting);
}

function leafValue(tag: string, name: string, text: string, isSetting: boolean): JsonValue {
  if (GROUP_LIST_KEYS.has(name) || LIST_KEYS.has(name)) return [];
  if (tag === 'Settings') return {};
  return tag === 'Item' || isSetting ? text : typedScalar(name, text);
}

function addChild(parent: Element, name: string, value: JsonValue): void {
  // `<Tuples-Inserted>` of a MERGE into several tables.
  if (parent.name === 'Target Tables' && name !== 'Target Table') {
    parent.strays ??= {};
    setKey(parent.strays, name, value);
    return;
  }
  if (GROUP_LIST_KEYS.has(parent.name) || name === 'Item') {
    parent.list ??= [];
    parent.list.push(value);
    return;
  }
  parent.object ??= {};
  setKey(parent.object, keyAmong(parent.object, name), value);
}

/**
 * The tags of an Incremental Sort have less in them than its keys: the first group is the full sort, memory comes
 * before disk. Every other tag is its key.
 */
function keyAmong(siblings: JsonObject, name: string): string {
  if (name === 'Incremental Sort Groups')
    return 'Full-sort Groups' in siblings ? 'Pre-sorted Groups' : 'Full-sort Groups';
  if (name !== 'Sort Space') return name;
  const methods = siblings['Sort Methods Used'];
  const onlyDisk =
    Array.isArray(methods) && methods.length > 0 && methods.every((method) => String(method).startsWith('external'));
  return 'Sort Space Memory' in siblings || onlyDisk ? 'Sort Space Disk' : 'Sort Space Memory';
}
