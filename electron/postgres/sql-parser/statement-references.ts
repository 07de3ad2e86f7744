import { fingerprintSync, parseSync } from 'libpg-query';

/** A name as it is written, with its schema where that is written too. */
export interface WrittenName {
  readonly schema: string | undefined;
  readonly name: string;
}

export type WriteCommand = 'insert' | 'update' | 'delete' | 'create';

/** A relation that is written to, and by what. */
export interface WriteTarget extends WrittenName {
  readonly writes: readonly WriteCommand[];
}

/** What one statement names, as far as its text tells. */
export interface StatementReferences {
  /** The same for statements that differ in constants, parameters and layout only: pg_query's fingerprint, 16 hex digits. */
  readonly fingerprint: string | null;
  /** The highest `$n` that stands in it; 0 for none. */
  readonly parameters: number;
  /** Relations that it inserts into, updates, deletes from, merges into or creates. */
  readonly targets: readonly WriteTarget[];
  readonly functions: readonly WrittenName[];
}

type Node = Readonly<Record<string, unknown>>;

const writing: Readonly<Record<string, readonly WriteCommand[]>> = {
  InsertStmt: ['insert'],
  UpdateStmt: ['update'],
  DeleteStmt: ['delete'],
  MergeStmt: ['insert', 'update', 'delete'],
};

/** Reads one statement. Needs the parser to be loaded. Text that PostgreSQL does not parse names nothing. */
export function statementReferences(sql: string): StatementReferences {
  const targets = new Map<string, WriteTarget>();
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
      const writes = writing[key];
      if (writes !== undefined) addTarget(targets, relationOf(body['relation']), [...writes, ...onConflict(body)]);
      else if (key === 'intoClause' || key === 'into') addTarget(targets, relationOf(body['rel']), ['create']);
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

/**
 * pg_query's fingerprint, 16 hex digits; null where PostgreSQL does not parse the text. Where a text ends inside of a string,
 * an identifier or a comment, libpg-query returns what its scanner says instead of throwing it, and that quotes the text.
 */
export function fingerprintOf(sql: string): string | null {
  try {
    const fingerprint = fingerprintSync(sql);
    return /^[0-9a-f]{16}$/.test(fingerprint) ? fingerprint : null;
  } catch {
    return null;
  }
}

/** ON CONFLICT DO UPDATE. */
function onConflict(body: Node): readonly WriteCommand[] {
  const clause = body['onConflictClause'] as { action?: unknown } | undefined;
  return clause?.action === 'ONCONFLICT_UPDATE' ? ['update'] : [];
}

function addTarget(targets: Map<string, WriteTarget>, name: WrittenName | null, writes: readonly WriteCommand[]): void {
  if (name === null) return;
  const key = JSON.stringify([name.schema, name.name]);
  const before = targets.get(key)?.writes ?? [];
  targets.set(key, { ...name, writes: [...new Set([...before, ...writes])] });
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
