import { parseSync } from 'libpg-query';

/** The lock that a statement takes on its relations. https://www.postgresql.org/docs/current/explicit-locking.html */
export type LockMode =
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

/** What a statement does to what is there, as far as its text tells. */
export interface StatementImpact {
  /** `DELETE`, `DROP TABLE`, `ALTER TABLE`, … */
  readonly command: string;
  /** As they are written: `sales.orders`, quoted where need be by whoever prints them. */
  readonly relations: readonly { readonly schema: string | undefined; readonly name: string }[];
  readonly lock: LockMode | null;
  /**
   * `rows`: rows are changed or removed, how many an EXPLAIN tells. `all rows`: every row of the relations.
   * `definition`: tables, columns or other objects. `unknown`: code whose effect the text does not show.
   */
  readonly loss: 'rows' | 'all rows' | 'definition' | 'unknown';
  /** An UPDATE or DELETE without WHERE. */
  readonly everyRow: boolean;
  /** DROP or TRUNCATE … CASCADE takes along what depends on it. */
  readonly cascade: boolean;
  /** Cannot be inside a transaction, so there is no ROLLBACK to go back with. */
  readonly outsideTransaction: boolean;
}

type Node = Readonly<Record<string, unknown>>;

/**
 * The impact of one statement, or undefined for one that destroys nothing: reading, inserting, creating, granting.
 * Needs the parser to be loaded. Text that PostgreSQL does not parse has none: it will not run either.
 */
export function statementImpact(sql: string): StatementImpact | undefined {
  let statements: readonly { readonly stmt: Node }[];
  try {
    ({ stmts: statements = [] } = parseSync(sql) as { stmts?: readonly { readonly stmt: Node }[] });
  } catch {
    return undefined;
  }
  const [kind, body] = Object.entries(statements[0]?.stmt ?? {})[0] ?? [];
  return kind === undefined ? undefined : impactOf(kind, body as Node);
}

const none = { everyRow: false, cascade: false, outsideTransaction: false } as const;

type Relations = StatementImpact['relations'];

/** Some rows of a relation. */
function rowsChanged(command: string, body: Node, everyRow = false): StatementImpact {
  return { ...none, command, relations: relationsOf(body['relation']), lock: 'ROW EXCLUSIVE', loss: 'rows', everyRow };
}

/** Relations that are rebuilt or changed in their shape while nobody else may even read them. */
function relationsChanged(command: string, relations: Relations, outsideTransaction = false): StatementImpact {
  return { ...none, command, relations, lock: 'ACCESS EXCLUSIVE', loss: 'definition', outsideTransaction };
}

/** Something that is no relation: a role, a setting, a right. */
function objectChanged(command: string, outsideTransaction = false): StatementImpact {
  return { ...none, command, relations: [], lock: null, loss: 'definition', outsideTransaction };
}

/** Code whose effect the text does not show. */
function codeRun(command: string): StatementImpact {
  return { ...none, command, relations: [], lock: null, loss: 'unknown' };
}

function impactOf(kind: string, body: Node): StatementImpact | undefined {
  switch (kind) {
    case 'DeleteStmt':
      return rowsChanged('DELETE', body, body['whereClause'] === undefined);
    case 'UpdateStmt':
      return rowsChanged('UPDATE', body, body['whereClause'] === undefined);
    case 'MergeStmt':
      return rowsChanged('MERGE', body);
    case 'InsertStmt':
      return onConflictUpdates(body) ? rowsChanged('INSERT … ON CONFLICT DO UPDATE', body) : writingPart(body);
    case 'SelectStmt':
    case 'CreateTableAsStmt':
    case 'DeclareCursorStmt':
      return writingPart(body);
    case 'ExplainStmt':
      return isAnalyze(body) ? impactOfQuery(body['query']) : undefined;
    case 'TruncateStmt':
      return {
        ...none,
        command: 'TRUNCATE',
        relations: relationsOf(body['relations']),
        lock: 'ACCESS EXCLUSIVE',
        loss: 'all rows',
        cascade: body['behavior'] === 'DROP_CASCADE',
      };
    case 'DropStmt':
      return dropImpact(body);
    case 'DropdbStmt':
    case 'DropTableSpaceStmt':
    case 'AlterSystemStmt':
      return objectChanged(words(kind), true);
    case 'DropRoleStmt':
    case 'DropOwnedStmt':
    case 'DropUserMappingStmt':
    case 'DropSubscriptionStmt':
    case 'AlterRoleStmt':
    case 'AlterRoleSetStmt':
    case 'AlterDatabaseStmt':
    case 'AlterDatabaseSetStmt':
    case 'AlterOwnerStmt':
    case 'AlterDomainStmt':
    case 'AlterTypeStmt':
    case 'AlterPolicyStmt':
    case 'AlterSeqStmt':
    case 'ReassignOwnedStmt':
      return objectChanged(words(kind));
    case 'AlterTableStmt':
      return alterTableImpact(body);
    case 'RenameStmt':
      return relationsChanged('RENAME', relationsOf(body['relation']));
    case 'AlterObjectSchemaStmt':
      return relationsChanged('SET SCHEMA', relationsOf(body['relation']));
    case 'ClusterStmt':
    case 'ReindexStmt':
      return rebuildImpact(kind, body);
    case 'VacuumStmt':
      return hasOption(body['options'], 'full')
        ? relationsChanged('VACUUM FULL', vacuumRelations(body), true)
        : undefined;
    case 'RefreshMatViewStmt':
      return body['concurrent'] === true
        ? undefined
        : relationsChanged('REFRESH MATERIALIZED VIEW', relationsOf(body['relation']));
    case 'GrantStmt':
    case 'GrantRoleStmt':
      return body['is_grant'] === true ? undefined : objectChanged('REVOKE');
    case 'LockStmt':
      return { ...codeRun('LOCK TABLE'), relations: relationsOf(body['relations']), lock: 'ACCESS EXCLUSIVE' };
    case 'DoStmt':
    case 'CallStmt':
    case 'ExecuteStmt':
      return codeRun(words(kind));
    default:
      return undefined;
  }
}

function impactOfQuery(query: unknown): StatementImpact | undefined {
  const [kind, body] = Object.entries((query ?? {}) as Node)[0] ?? [];
  return kind === undefined ? undefined : impactOf(kind, body as Node);
}

/** A data-changing WITH query somewhere inside. */
function writingPart(body: Node): StatementImpact | undefined {
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'DeleteStmt' || key === 'UpdateStmt' || key === 'MergeStmt') return impactOf(key, inner as Node);
      open.push(inner);
    }
  }
  return undefined;
}

function onConflictUpdates(body: Node): boolean {
  const clause = body['onConflictClause'] as { action?: string } | undefined;
  return clause?.action === 'ONCONFLICT_UPDATE';
}

function dropImpact(body: Node): StatementImpact {
  const type = String(body['removeType'] ?? '');
  const isRelation = /TABLE|VIEW|MATVIEW|SEQUENCE|INDEX/.test(type);
  const concurrent = body['concurrent'] === true;
  const objects = (body['objects'] ?? []) as readonly Node[];
  return {
    ...none,
    command: `DROP ${type
      .replace(/^OBJECT_/, '')
      .replace('MATVIEW', 'MATERIALIZED VIEW')
      .replaceAll('_', ' ')}`,
    relations: isRelation ? objects.flatMap(nameList) : [],
    lock: isRelation ? (concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE') : null,
    loss: 'definition',
    cascade: body['behavior'] === 'DROP_CASCADE',
    outsideTransaction: concurrent,
  };
}

/** Sub-commands of ALTER TABLE that take less than ACCESS EXCLUSIVE. https://www.postgresql.org/docs/current/sql-altertable.html */
const milderAlterations: Readonly<Record<string, LockMode>> = {
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_SetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
};

const lockStrength: readonly LockMode[] = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

function alterTableImpact(body: Node): StatementImpact {
  const commands = ((body['cmds'] ?? []) as readonly { AlterTableCmd?: Node }[]).map(
    ({ AlterTableCmd }) => AlterTableCmd ?? {},
  );
  const locks = commands.map((command): LockMode => {
    const subtype = String(command['subtype'] ?? '');
    if (subtype === 'AT_AddConstraint') {
      const constraint = (command['def'] as { Constraint?: { contype?: string } } | undefined)?.Constraint;
      if (constraint?.contype === 'CONSTR_FOREIGN') return 'SHARE ROW EXCLUSIVE';
    }
    return milderAlterations[subtype] ?? 'ACCESS EXCLUSIVE';
  });
  const strongest = locks.toSorted((a, b) => lockStrength.indexOf(b) - lockStrength.indexOf(a))[0];
  return {
    ...none,
    command: `ALTER ${String(body['objtype'] ?? 'OBJECT_TABLE')
      .replace(/^OBJECT_/, '')
      .replaceAll('_', ' ')}`,
    relations: relationsOf(body['relation']),
    lock: strongest ?? 'ACCESS EXCLUSIVE',
    loss: 'definition',
    cascade: commands.some((command) => command['behavior'] === 'DROP_CASCADE'),
  };
}

function rebuildImpact(kind: string, body: Node): StatementImpact | undefined {
  if (hasOption(body['params'], 'concurrently')) return undefined;
  return relationsChanged(kind === 'ClusterStmt' ? 'CLUSTER' : 'REINDEX', relationsOf(body['relation']));
}

/** `EXPLAIN (ANALYZE …)` runs its statement. */
export function isAnalyze(explain: Node): boolean {
  return hasOption(explain['options'], 'analyze');
}

function hasOption(options: unknown, name: string): boolean {
  const elements = (options ?? []) as readonly { DefElem?: { defname?: string; arg?: Node } }[];
  const element = elements.findLast(({ DefElem }) => DefElem?.defname === name)?.DefElem;
  if (!element) return false;
  if (element.arg === undefined) return true;
  const text = JSON.stringify(element.arg).toLowerCase();
  return !/"(?:false|off|0)"|"boolval":\{\}|"(?:ival|integer)":\{\}|"boolval":false/.test(text);
}

function vacuumRelations(body: Node): StatementImpact['relations'] {
  const relations = (body['rels'] ?? []) as readonly { VacuumRelation?: { relation?: unknown } }[];
  return relations.flatMap(({ VacuumRelation }) => relationsOf(VacuumRelation?.relation));
}

/** Range variables, alone or in a list. */
function relationsOf(value: unknown): StatementImpact['relations'] {
  return [value].flat().flatMap((item) => {
    const node = item as (Node & { RangeVar?: Node }) | undefined;
    const variable = node?.RangeVar ?? node;
    const name = variable?.['relname'];
    if (typeof name !== 'string') return [];
    const schema = variable?.['schemaname'];
    return [{ schema: typeof schema === 'string' ? schema : undefined, name }];
  });
}

function nameList(object: Node): StatementImpact['relations'] {
  const items = (
    (object['List'] as { items?: readonly { String?: { sval?: string } }[] } | undefined)?.items ?? []
  ).map(({ String: text }) => text?.sval ?? '');
  const name = items.at(-1);
  return name === undefined ? [] : [{ schema: items.at(-2), name }];
}

/** `AlterRoleSetStmt` is `ALTER ROLE`. */
function words(kind: string): string {
  return kind
    .replace(/(?:Set)?Stmt$/, '')
    .replace('Dropdb', 'DropDatabase')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
