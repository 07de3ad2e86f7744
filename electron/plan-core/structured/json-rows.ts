import { isJsonObject } from '../raw-plan.ts';

/** Beyond this a result set is not what somebody copied out of a client. */
const LARGEST = 50_000_000;
const BEGINNING = /^\s*(?:"|\[\s*"|(?:\[\s*)?\{\s*"(?:QUERY PLAN|explain|rows|data|result)"\s*:)/i;

/** Begins as such rows do. */
export function mayBeJsonRows(source: string): boolean {
  return BEGINNING.test(source);
}

/**
 * The rows of FORMAT TEXT that a client wrote as JSON: a list of `{"QUERY PLAN": "Seq Scan …"}`, of strings, or one
 * string with escaped line breaks.
 * @returns the rows as lines, or null when the source is no such thing
 */
export function readJsonRows(source: string): string | null {
  if (source.length > LARGEST || !mayBeJsonRows(source)) return null;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return null;
  }
  const rows: string[] = [];
  return collectRows(value, rows, 0) && rows.length > 0 ? rows.join('\n') : null;
}

/** False when there is something else than rows of one string each. */
function collectRows(value: unknown, rows: string[], depth: number): boolean {
  if (typeof value === 'string') {
    rows.push(value);
    return true;
  }
  if (depth > 4) return false;
  if (Array.isArray(value)) return value.every((item) => collectRows(item, rows, depth + 1));
  if (!isJsonObject(value)) return false;
  const [first, ...others] = Object.values(value).filter((inner) => typeof inner === 'string' || Array.isArray(inner));
  return first !== undefined && others.length === 0 && collectRows(first, rows, depth + 1);
}
