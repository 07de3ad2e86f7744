import { BUILT_IN_COLLATIONS, BUILT_IN_SCHEMAS } from './built-in-words.ts';

/**
 * Names that can be mistaken for one another share a space: a relation and its alias are the same name or two.
 * A column and a table of the same name are two things.
 */
export type NameSpace = keyof typeof SPACES;

/** What the words of each space begin with; that of relations also has aliases, `a1`, and CTEs, `cte1`. */
const SPACES = {
  relation: 't',
  schema: 'schema',
  column: 'c',
  index: 'idx',
  function: 'f',
  type: 'type',
  collation: 'collation',
  window: 'w',
  literal: 'x',
  constraint: 'fk',
  trigger: 'trigger',
  constraintTrigger: 'ri',
  subplan: 'sp',
  provider: 'provider',
  nodeType: 'Node',
  server: 'server',
  setting: 'setting',
  value: 'value',
} as const;

/** Aliases that PostgreSQL itself gives, and those of rows in ON CONFLICT and RETURNING. */
const BUILT_IN_ALIAS = /^(?:\*VALUES\*|\*SELECT\*(?: \d{1,4})?|\*RESULT\*|excluded|old|new)$/;

/** The words that stand for the names and values of one plan, numbered in the order in which they were first asked for. */
export type NameBook = {
  /** The same word for the same name. A word that is built in stays what it is. */
  readonly word: (space: NameSpace, name: string, prefix?: string) => string;
  readonly knows: (space: NameSpace, name: string) => boolean;
  /** From now on this name is that word, if it has none yet: an alias that is the name of a function. */
  readonly tie: (space: NameSpace, name: string, word: string) => void;
};

/** An empty book. */
export function openNameBook(): NameBook {
  const spaces = new Map<NameSpace, Map<string, string>>();
  const counts = new Map<string, number>();
  const entriesOf = (space: NameSpace): Map<string, string> => {
    const entries = spaces.get(space) ?? new Map<string, string>();
    spaces.set(space, entries);
    return entries;
  };
  return {
    word(space, name, prefix = SPACES[space]) {
      if (isBuiltIn(space, name)) return name;
      const entries = entriesOf(space);
      const known = entries.get(name);
      if (known !== undefined) return known;
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      const word = `${prefix}${count}`;
      entries.set(name, word);
      return word;
    },
    knows: (space, name) => isBuiltIn(space, name) || entriesOf(space).has(name),
    tie(space, name, word) {
      if (!entriesOf(space).has(name)) entriesOf(space).set(name, word);
    },
  };
}

function isBuiltIn(space: NameSpace, name: string): boolean {
  if (space === 'relation') return BUILT_IN_ALIAS.test(name);
  if (space === 'schema') return BUILT_IN_SCHEMAS.has(name);
  return space === 'collation' && BUILT_IN_COLLATIONS.has(name);
}
