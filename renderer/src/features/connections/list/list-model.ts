import type { ConnectionEntry } from '#contract/connections.ts';

export const sortColumns = ['name', 'environment', 'state', 'host', 'database', 'user', 'version'] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface ListSort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** How the person wants to see the list. */
export interface ListView {
  readonly search: string;
  /** Paths of the folders whose content is hidden. */
  readonly collapsed: ReadonlySet<string>;
  /** Null is the order that the person arranged. */
  readonly sort: ListSort | null;
}

export interface FolderRow {
  readonly kind: 'folder';
  readonly key: string;
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly collapsed: boolean;
  /** Everything in it, at any depth, that the search lets through. */
  readonly entries: readonly ConnectionEntry[];
}

export interface ConnectionRow {
  readonly kind: 'connection';
  readonly key: string;
  readonly depth: number;
  readonly entry: ConnectionEntry;
}

export type ListRow = FolderRow | ConnectionRow;

interface Folder {
  readonly path: string;
  readonly name: string;
  readonly own: ConnectionEntry[];
  readonly folders: Map<string, Folder>;
}

/** The rows that are shown: in each folder its connections, then its folders by name. A search opens every folder. */
export function listRows(connections: readonly ConnectionEntry[], view: ListView): readonly ListRow[] {
  const matches = matcher(view.search);
  const root: Folder = { path: '', name: '', own: [], folders: new Map() };
  for (const entry of connections) if (matches(entry)) folderAt(root, entry.folder).own.push(entry);
  const rows: ListRow[] = [];
  addRows(root, 0, view, rows);
  return rows;
}

/** Every folder that there is, with those around it, by name. */
export function folderPaths(connections: readonly ConnectionEntry[]): readonly string[] {
  const paths = new Set<string>();
  for (const { folder } of connections) {
    const parts = folder.split('/').filter((part) => part !== '');
    for (let length = 1; length <= parts.length; length += 1) paths.add(parts.slice(0, length).join('/'));
  }
  return [...paths].toSorted(byName);
}

/** Whether a connection lies in a folder or in one below it. */
export function isInFolder(entry: ConnectionEntry, path: string): boolean {
  return entry.folder === path || entry.folder.startsWith(`${path}/`);
}

/**
 * Where connections go that are moved one place up or down among their siblings. Null where they are at the end
 * already, or do not share a folder.
 */
export function placeAfterStep(
  connections: readonly ConnectionEntry[],
  ids: ReadonlySet<string>,
  direction: 'up' | 'down',
): { readonly folder: string; readonly beforeId: string | undefined } | null {
  const moving = connections.filter(({ id }) => ids.has(id));
  const folder = moving[0]?.folder;
  if (folder === undefined || moving.some((entry) => entry.folder !== folder)) return null;
  const siblings = connections.filter((entry) => entry.folder === folder);
  const places = siblings.flatMap(({ id }, place) => (ids.has(id) ? [place] : []));
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? 0;
  if (direction === 'up') return first === 0 ? null : { folder, beforeId: siblings[first - 1]?.id };
  return last === siblings.length - 1 ? null : { folder, beforeId: siblings[last + 2]?.id };
}

/** The connection that stands behind another one in its folder, for dropping after it. */
export function siblingAfter(connections: readonly ConnectionEntry[], entry: ConnectionEntry): string | undefined {
  const siblings = connections.filter(({ folder }) => folder === entry.folder);
  return siblings[siblings.findIndex(({ id }) => id === entry.id) + 1]?.id;
}

/** Turns a column's sort on, round, and off. */
export function nextSort(sort: ListSort | null, column: SortColumn): ListSort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

function folderAt(root: Folder, path: string): Folder {
  let folder = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next: Folder = folder.folders.get(name) ?? {
      path: folder.path === '' ? name : `${folder.path}/${name}`,
      name,
      own: [],
      folders: new Map(),
    };
    folder.folders.set(name, next);
    folder = next;
  }
  return folder;
}

function addRows(folder: Folder, depth: number, view: ListView, rows: ListRow[]): void {
  const own = view.sort === null ? folder.own : sorted(folder.own, view.sort);
  for (const entry of own) rows.push({ kind: 'connection', key: entry.id, depth, entry });
  for (const child of [...folder.folders.values()].toSorted((a, b) => byName(a.name, b.name))) {
    const collapsed = view.search.trim() === '' && view.collapsed.has(child.path);
    rows.push({
      kind: 'folder',
      key: `folder:${child.path}`,
      path: child.path,
      name: child.name,
      depth,
      collapsed,
      entries: entriesIn(child),
    });
    if (!collapsed) addRows(child, depth + 1, view, rows);
  }
}

function entriesIn(folder: Folder): readonly ConnectionEntry[] {
  return [...folder.own, ...[...folder.folders.values()].flatMap(entriesIn)];
}

function matcher(search: string): (entry: ConnectionEntry) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (entry) => {
    const { name, host, port, database, user, folder, environment, otherHosts, ssh } = entry;
    const others = otherHosts.map((other) => `${other.host}:${other.port}`);
    const text = [name, `${host}:${port}`, ...others, database, user, folder, environment, ssh?.host ?? '']
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

const environmentOrder: Readonly<Record<ConnectionEntry['environment'], number>> = {
  production: 0,
  staging: 1,
  development: 2,
  local: 3,
};
const stateOrder: Readonly<Record<ConnectionEntry['state']['kind'], number>> = {
  lost: 0,
  failed: 1,
  opening: 2,
  open: 3,
  closed: 4,
};

function sorted(entries: readonly ConnectionEntry[], { column, descending }: ListSort): readonly ConnectionEntry[] {
  const value = (entry: ConnectionEntry): string | number | null => {
    switch (column) {
      case 'environment':
        return environmentOrder[entry.environment];
      case 'state':
        return stateOrder[entry.state.kind];
      case 'version':
        return entry.state.kind === 'open' ? entry.state.server.versionNum : null;
      case 'name':
      case 'host':
      case 'database':
      case 'user':
        return entry[column];
    }
  };
  return entries.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    // What is not known stays at the end either way.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order = typeof left === 'number' && typeof right === 'number' ? left - right : byName(left, right);
    return descending ? -order : order;
  });
}

function byName(a: string | number, b: string | number): number {
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: 'base' });
}
