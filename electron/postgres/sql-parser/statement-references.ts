import { fingerprintSync, parseSync } from 'libpg-query';

/** A name as it is written, with its schema where that is written too. */
export interface WrittenName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** What one statement names, as far as its text tells. */
export interface StatementReferences {
  /** The same for statements that differ in constants, parameters and layout only: pg_query's fingerprint, 16 hex digits. */
  readonly fingerprint: string | null;
  /** The highest `$n` that stands in it; 0 for none. */
  readonly parameters: number;
  /** Relations that it inserts into, updates, deletes from, merges into or creates. */
  readonly targets: readonly WrittenName[];
  readonly functions: readonly WrittenName[];
}

type Node = Readonly<Record<string, unknown>>;

const writing = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/** Reads one statement. Needs the parser to be loaded. Text that PostgreSQL does not parse names nothing. */
export function statementReferences(sql: string): StatementReferences {
  const targets = new Map<string, WrittenName>();
  const functions = new Map<string, WrittenName>();
  let parameters = 0;
  let tree: unknown;
  try {
    tree = parseSync(sql);
  } catch {
    return { fingerprint: null, parameters: 0, targets: [], functions: [] };
  }
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      open.push(inner);
      if (typeof inner !== 'object' || inner === null) continue;
      const body = inner as Node;
      if (writing.has(key)) add(targets, relationOf(body['relation']));
      else if (key === 'intoClause' || key === 'into') add(targets, relationOf(body['rel']));
      else if (key === 'FuncCall') add(functions, functionOf(body['funcname']));
      else if (key === 'ParamRef' && typeof body['number'] === 'number')
        parameters = Math.max(parameters, body['number']);
    }
  }
  return {
    fingerprint: fingerprintOf(sql),
    parameters,
    targets: [...targets.values()],
    functions: [...functions.values()],
  };
}

function fingerprintOf(sql: string): string | null {
  try {
    return fingerprintSync(sql);
  } catch {
    return null;
  }
}

function add(names: Map<string, WrittenName>, name: WrittenName | null): void {
  if (name !== null) names.set(JSON.stringify([name.schema, name.name]), name);
}

function relationOf(value: unknown): WrittenName | null {
  if (typeof value !== 'object' || value === null) return null;
  const { schemaname, relname } = value as Node;
  return typeof relname === 'string'
    ? { schema: typeof schemaname === 'string' ? schemaname : undefined, name: relname }
    : null;
}

function functionOf(value: unknown): WrittenName | null {
  if (!Array.isArray(value)) return null;
  const parts = value.flatMap((part: unknown): string[] => {
    const text = (part as { String?: { sval?: unknown } } | null)?.String?.sval;
    return typeof text === 'string' ? [text] : [];
  });
  const name = parts.at(-1);
  return name === undefined ? null : { schema: parts.at(-2), name };
}
