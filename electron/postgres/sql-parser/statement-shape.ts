import { parseSync } from 'libpg-query';

/** What the outermost SELECT of a statement looks like, as far as findings ask. */
export interface StatementShape {
  /** Reads from something, unlike `select now()`. */
  readonly reads: boolean;
  /** LIMIT or FETCH; `LIMIT ALL` is none. */
  readonly limited: boolean;
  /** An OFFSET other than the constant 0. */
  readonly skips: boolean;
  /** There is a parameter or a constant in WHERE. */
  readonly filters: boolean;
}

type Node = Readonly<Record<string, unknown>>;

/** The shape of one SELECT; undefined for other statements, and for text that PostgreSQL does not parse. Needs the parser to be loaded. */
export function statementShape(sql: string): StatementShape | undefined {
  let statements: readonly { readonly stmt: Node }[];
  try {
    ({ stmts: statements = [] } = parseSync(sql) as { stmts?: readonly { readonly stmt: Node }[] });
  } catch {
    return undefined;
  }
  const select = statements.length === 1 ? (statements[0]?.stmt['SelectStmt'] as Node | undefined) : undefined;
  if (select === undefined) return undefined;
  const first = leftmost(select);
  return {
    reads: first['fromClause'] !== undefined,
    limited: select['limitCount'] !== undefined && !isNull(select['limitCount']),
    skips: select['limitOffset'] !== undefined && !isZero(select['limitOffset']),
    filters: first['whereClause'] !== undefined && holdsValue(first['whereClause']),
  };
}

/** Of `a union b`, a. */
function leftmost(select: Node): Node {
  let inner = select;
  while (inner['larg'] !== undefined) inner = inner['larg'] as Node;
  return inner;
}

function isNull(node: unknown): boolean {
  return (node as { A_Const?: { isnull?: boolean } }).A_Const?.isnull === true;
}

function isZero(node: unknown): boolean {
  const constant = (node as { A_Const?: { ival?: { ival?: number }; isnull?: boolean } }).A_Const;
  return constant !== undefined && (constant.isnull === true || (constant.ival !== undefined && !constant.ival.ival));
}

function holdsValue(node: unknown): boolean {
  const open: unknown[] = [node];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('ParamRef' in value || 'A_Const' in value) return true;
    open.push(...Object.values(value));
  }
  return false;
}
