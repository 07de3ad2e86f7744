import { PlanReadError } from './plan-read-error.ts';
import type { JsonValue, RawPlan } from './raw-plan.ts';
import { findStatements, readStatement } from './structured/read-statements.ts';
import { readTolerantJson } from './structured/tolerant-json.ts';

/** Where a JSON document with a plan may begin: at the start of a line, its first key being one of EXPLAIN's or a client's. */
const BEGINNING = /^[ \t]*("?)(?=(?:\[\s*)*\{\s*"{1,2}[A-Za-z])/gm;

/** Does the source hold what looks like FORMAT JSON? */
export function looksLikeJson(source: string, cleaned: () => string): boolean {
  if (!/"{1,2}(?:Plan|Node Type)"{1,2}\s*:/.test(source)) return false;
  BEGINNING.lastIndex = 0;
  if (/^\s*[[{]/.test(source) && BEGINNING.test(source)) return true;
  BEGINNING.lastIndex = 0;
  return BEGINNING.test(cleaned());
}

/**
 * Reads every plan of FORMAT JSON in a source, junk around them left aside.
 * @param cleaned the source without frames
 * @throws {PlanReadError} no plan, or JSON that is cut off
 */
export function readJsonPlans(source: string, cleaned: () => string): RawPlan[] {
  const whole = readWhole(source);
  if (whole.length > 0) return whole;
  const text = cleaned();
  const plans: RawPlan[] = [];
  let resume = 0;
  BEGINNING.lastIndex = 0;
  for (let found = BEGINNING.exec(text); found; found = BEGINNING.exec(text)) {
    const start = found.index + found[0].length;
    if (found[0] === '') BEGINNING.lastIndex += 1;
    if (start < resume) continue;
    const document =
      found[1] === '"' && /""/.test(text.slice(start, start + 200))
        ? unquoteFrom(text, start)
        : { text, start, after: null };
    const read = readTolerantJson(document.text, document.start);
    resume = document.after ?? read.end;
    BEGINNING.lastIndex = resume;
    plans.push(...readValue(read.value));
  }
  if (plans.length === 0) throw new PlanReadError('The JSON holds no plan: no “Plan” with a “Node Type”');
  return plans;
}

/** What a page, a mail or a log may have done to JSON, and what stands in XML. */
const FOREIGN = /[→⟶➔➜]/;

/**
 * The fast way for a source that is one document of JSON and nothing else: it need not be searched for lines, logs and
 * tables, which takes as long as reading it. Marks of those are looked for by their rarest characters.
 * @returns no plans for anything else, which is to be read the general way
 */
export function readWholeJson(source: string): RawPlan[] {
  if (!/^\s*[[{]/.test(source) || !looksLikeJson(source, () => '')) return [];
  if (source.includes('<') && (source.includes('</') || source.includes('<explain'))) return [];
  if (source.includes('&gt;') || FOREIGN.test(source)) return [];
  return readWhole(source);
}

function readWhole(source: string): RawPlan[] {
  const whole = parseWhole(source);
  return whole === undefined ? [] : readValue(whole);
}

function readValue(value: JsonValue): RawPlan[] {
  return findStatements(value).map((statement) => readStatement(statement, 'json'));
}

/** The fast way. Old versions print `Workers` twice, which JSON.parse cannot know. */
function parseWhole(source: string): JsonValue | undefined {
  const trimmed = source.trimStart();
  if (!/^[[{]/.test(trimmed)) return undefined;
  // Letters are rarer than quotes: found five times as fast.
  if (trimmed.includes('Workers"') && trimmed.includes('"Workers"') && !trimmed.includes('"Async Capable"'))
    return undefined;
  try {
    const value: JsonValue = JSON.parse(
      trimmed.includes('Query Identifier"')
        ? trimmed.replace(/("Query Identifier":\s*)(-?\d{16,})/g, (_, key: string, id: string) =>
            Number.isSafeInteger(Number(id)) ? `${key}${id}` : `${key}"${id}"`,
          )
        : trimmed,
    );
    return value;
  } catch {
    return undefined;
  }
}

/** A field of CSV: quotes inside are doubled, up to the single one that closes it. */
function unquoteFrom(text: string, start: number): { text: string; start: number; after: number } {
  let end = start;
  while (end < text.length) {
    end = text.indexOf('"', end);
    if (end === -1) return { text: text.slice(start).replaceAll('""', '"'), start: 0, after: text.length };
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  return { text: text.slice(start, end).replaceAll('""', '"'), start: 0, after: end + 1 };
}
