import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { isJsonObject, stringOf } from '../raw-plan.ts';
import type { NameBook } from './name-book.ts';
import { anonymiseObject } from './properties.ts';
import { readSqlTokens } from './sql-tokens.ts';
import { EXPLAINED_SETTINGS, wordsOf } from './built-in-words.ts';

const SETTING_WORDS = wordsOf('on off true false auto force_custom_plan force_generic_plan partition regress');
const QUANTITY = /^-?\d{1,15}(?:\.\d{1,15})?(?:e[+-]\d{1,3})?\s?(?:B|kB|MB|GB|TB|us|ms|s|min|h|d)?$/;

/** What a plan tells of its statement as a whole: times, triggers, settings, planning, JIT. The statement itself is left out. */
export function anonymiseStatement(statement: JsonObject, book: NameBook): JsonObject {
  const { Settings: settings, Triggers: triggers, ...rest } = statement;
  const plain = anonymiseObject(rest, book);
  // Names of triggers get their words last: FORMAT TEXT leaves some of their relations out.
  const told = new Map<string, JsonValue>(Object.entries(plain));
  if (isJsonObject(settings)) told.set('Settings', anonymiseSettings(settings, book));
  if (Array.isArray(triggers))
    told.set(
      'Triggers',
      triggers.filter(isJsonObject).map((trigger) => anonymiseTrigger(trigger, book)),
    );
  const result: JsonObject = {};
  for (const key of Object.keys(statement)) {
    const value = told.get(key);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function anonymiseTrigger(trigger: JsonObject, book: NameBook): JsonObject {
  const name = stringOf(trigger['Trigger Name']);
  const constraint = stringOf(trigger['Constraint Name']);
  const relation = stringOf(trigger['Relation']);
  const numbers = anonymiseObject(trigger, book);
  return {
    // The trigger of a constraint is named by PostgreSQL, after a number that it has in this database.
    ...(name === undefined
      ? {}
      : { 'Trigger Name': book.word(constraint === undefined ? 'trigger' : 'constraintTrigger', name) }),
    ...(constraint === undefined ? {} : { 'Constraint Name': book.word('constraint', constraint) }),
    ...(relation === undefined ? {} : { Relation: book.word('relation', relation) }),
    ...(typeof numbers['Time'] === 'number' ? { Time: numbers['Time'] } : {}),
    ...(typeof numbers['Calls'] === 'number' ? { Calls: numbers['Calls'] } : {}),
  };
}

function anonymiseSettings(settings: JsonObject, book: NameBook): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(settings)) {
    const text = typeof value === 'object' ? '' : String(value);
    const isKnown = EXPLAINED_SETTINGS.has(name);
    result[isKnown ? name : book.word('setting', name)] =
      isKnown && name === 'search_path'
        ? anonymiseSearchPath(text, book)
        : isKnown && (SETTING_WORDS.has(text) || QUANTITY.test(text))
          ? text
          : book.word('value', text);
  }
  return result;
}

function anonymiseSearchPath(path: string, book: NameBook): string {
  const tokens = readSqlTokens(path);
  if (!tokens?.every(({ kind, text }) => kind === 'word' || kind === 'quoted' || kind === 'literal' || text === ','))
    return book.word('value', path);
  return tokens
    .filter(({ text }) => text !== ',')
    .map(({ text, value }) => (text === '"$user"' ? text : book.word('schema', value)))
    .join(', ');
}
