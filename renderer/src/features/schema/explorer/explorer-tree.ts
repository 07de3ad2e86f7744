import type { Catalog, RelationKind, RelationSummary } from '#contract/schema.ts';

export type GroupKind =
  | 'views'
  | 'materialized views'
  | 'foreign tables'
  | 'sequences'
  | 'functions'
  | 'types'
  | 'extensions';

interface LineBase {
  /** The identity that expansion and selection are remembered by. */
  readonly id: string;
  readonly level: number;
  /** The text that is searched. */
  readonly name: string;
}
interface Folder {
  readonly expanded: boolean;
  readonly count: number;
}

/** One line of the explorer. */
export type ExplorerLine =
  | (LineBase & Folder & { readonly kind: 'database'; readonly sizeBytes: number | null })
  | (LineBase & Folder & { readonly kind: 'schema'; readonly owner: string; readonly comment: string | null })
  | (LineBase & Folder & { readonly kind: 'group'; readonly group: GroupKind })
  | (LineBase & { readonly kind: 'relation'; readonly relation: RelationSummary })
  | (LineBase & { readonly kind: 'function'; readonly routine: Catalog['functions'][number] })
  | (LineBase & { readonly kind: 'type'; readonly type: Catalog['types'][number] })
  | (LineBase & { readonly kind: 'extension'; readonly extension: Catalog['extensions'][number] });

/** What was opened (true) or closed (false) by hand; anything else stands as `isOpenAtFirst` says. */
export type Expansion = Readonly<Record<string, boolean>>;

const relationGroups: readonly (readonly [GroupKind, RelationKind])[] = [
  ['views', 'view'],
  ['materialized views', 'materialized view'],
  ['foreign tables', 'foreign table'],
  ['sequences', 'sequence'],
];
const openedAtMost = 400;

/** Whether a line with others below it can be opened and closed. */
export function isFolder(line: ExplorerLine): line is Extract<ExplorerLine, Folder> {
  return line.kind === 'database' || line.kind === 'schema' || line.kind === 'group';
}

/** The lines of the tree as far as it is open, from top to bottom. */
export function explorerLines(catalog: Catalog, expansion: Expansion): ExplorerLine[] {
  const databaseOpen = expansion['database'] ?? true;
  const lines: ExplorerLine[] = [
    {
      kind: 'database',
      id: 'database',
      level: 1,
      name: catalog.database,
      sizeBytes: catalog.databaseSizeBytes,
      expanded: databaseOpen,
      count: catalog.schemas.length,
    },
  ];
  if (!databaseOpen) return lines;
  const relations = Map.groupBy(catalog.relations, (relation) => relation.schema);
  const functions = Map.groupBy(catalog.functions, (routine) => routine.schema);
  const types = Map.groupBy(catalog.types, (type) => type.schema);
  for (const schema of catalog.schemas) {
    const own = relations.get(schema.name) ?? [];
    const id = `schema ${schema.name}`;
    const open = expansion[id] ?? isOpenAtFirst(schema.name, catalog, own.length);
    lines.push({
      kind: 'schema',
      id,
      level: 2,
      name: schema.name,
      owner: schema.owner,
      comment: schema.comment,
      expanded: open,
      count: own.length,
    });
    if (!open) continue;
    lines.push(
      ...own
        .filter(({ kind }) => kind === 'table' || kind === 'partitioned table')
        .map((relation) => relationLine(relation, 3)),
    );
    for (const [group, kind] of relationGroups) {
      const members = own.filter((relation) => relation.kind === kind);
      pushGroup(lines, `${id} ${group}`, 3, group, members.length, expansion, () =>
        members.map((relation) => relationLine(relation, 4)),
      );
    }
    const ownFunctions = functions.get(schema.name) ?? [];
    pushGroup(lines, `${id} functions`, 3, 'functions', ownFunctions.length, expansion, () =>
      ownFunctions.map((routine) => ({
        kind: 'function',
        id: `function ${routine.oid}`,
        level: 4,
        name: routine.name,
        routine,
      })),
    );
    const ownTypes = types.get(schema.name) ?? [];
    pushGroup(lines, `${id} types`, 3, 'types', ownTypes.length, expansion, () =>
      ownTypes.map((type) => ({ kind: 'type', id: `type ${type.oid}`, level: 4, name: type.name, type })),
    );
  }
  pushGroup(lines, 'extensions', 2, 'extensions', catalog.extensions.length, expansion, () =>
    catalog.extensions.map((extension) => ({
      kind: 'extension',
      id: `extension ${extension.name}`,
      level: 3,
      name: extension.name,
      extension,
    })),
  );
  return lines;
}

/** Everything that can be found by name, as lines of one level: relations first, then functions, types and extensions. */
export function searchableLines(catalog: Catalog): ExplorerLine[] {
  return [
    ...catalog.relations.map((relation) => relationLine(relation, 1)),
    ...catalog.functions.map((routine): ExplorerLine => ({
      kind: 'function',
      id: `function ${routine.oid}`,
      level: 1,
      name: routine.name,
      routine,
    })),
    ...catalog.types.map((type): ExplorerLine => ({
      kind: 'type',
      id: `type ${type.oid}`,
      level: 1,
      name: type.name,
      type,
    })),
    ...catalog.extensions.map((extension): ExplorerLine => ({
      kind: 'extension',
      id: `extension ${extension.name}`,
      level: 1,
      name: extension.name,
      extension,
    })),
  ];
}

/** The schema that a line belongs to; null for the database and extensions. */
export function schemaOf(line: ExplorerLine): string | null {
  if (line.kind === 'relation') return line.relation.schema;
  if (line.kind === 'function') return line.routine.schema;
  if (line.kind === 'type') return line.type.schema;
  return line.kind === 'schema' ? line.name : null;
}

/** The place of the line that a line stands under; -1 at the top. */
export function parentPlace(lines: readonly ExplorerLine[], place: number): number {
  const level = lines[place]?.level ?? 1;
  for (let at = place - 1; at >= 0; at -= 1) if ((lines[at]?.level ?? 1) < level) return at;
  return -1;
}

/** A lone schema, or a short `public`, is what people came for. */
function isOpenAtFirst(schema: string, catalog: Catalog, relations: number): boolean {
  return relations <= openedAtMost && (catalog.schemas.length === 1 || schema === 'public');
}

function relationLine(relation: RelationSummary, level: number): ExplorerLine {
  return { kind: 'relation', id: `relation ${relation.oid}`, level, name: relation.name, relation };
}

function pushGroup(
  lines: ExplorerLine[],
  id: string,
  level: number,
  group: GroupKind,
  count: number,
  expansion: Expansion,
  members: () => ExplorerLine[],
): void {
  if (count === 0) return;
  const expanded = expansion[id] ?? false;
  lines.push({ kind: 'group', id, level, name: group, group, expanded, count });
  if (expanded) lines.push(...members());
}
