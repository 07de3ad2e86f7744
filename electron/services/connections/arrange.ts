import type { Connection } from '#contract/connections.ts';

import { StewardError } from '../../postgres/failure.ts';
import type { ImportDraft } from './import/found-connections.ts';

/** What the order of the list needs to know of a connection. */
type Placed = Pick<Connection, 'id' | 'name' | 'folder'>;

/**
 * The name itself, or with the smallest number behind it that nobody has: `orders`, `orders 2`, `orders 3`.
 * A number that is there already counts on, so that the copy of `orders 2` is `orders 3`. At most 120 characters.
 */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const stem = /^(?<stem>.*\S) \d{1,9}$/s.exec(name)?.groups?.['stem'] ?? name;
  for (let number = 2; ; number += 1) {
    const candidate = `${stem.slice(0, 120 - String(number).length - 1).trimEnd()} ${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** A folder's path as it is kept: no empty parts, no blanks around the slashes. */
export function folderPath(folder: string): string {
  return folder
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/');
}

/**
 * The connections with those of `ids` moved into a folder, in the order they had, in front of `beforeId` or at the end.
 * Unknown ids are left out; nobody moves in front of itself: then the next one that stays is taken.
 */
export function moveConnections<Entry extends Placed>(
  connections: readonly Entry[],
  ids: readonly string[],
  folder: string,
  beforeId?: string,
): readonly Entry[] {
  const moving = new Set(ids);
  const path = folderPath(folder);
  const moved = connections.filter(({ id }) => moving.has(id)).map((entry) => ({ ...entry, folder: path }));
  const staying = connections.filter(({ id }) => !moving.has(id));
  const wanted = connections.findIndex(({ id }) => id === beforeId);
  const before = wanted < 0 ? undefined : connections.slice(wanted).find(({ id }) => !moving.has(id));
  const at = before === undefined ? staying.length : staying.indexOf(before);
  return [...staying.slice(0, at), ...moved, ...staying.slice(at)];
}

/**
 * The connections with a copy right behind the first. The copy has a free name, and nobody has accepted a superuser's
 * guarded sessions for it yet. Throws `not_found`.
 */
export function duplicateConnection(
  connections: readonly Connection[],
  id: string,
  newId: string,
): readonly Connection[] {
  const at = connections.findIndex((connection) => connection.id === id);
  const first = connections[at];
  if (first === undefined) throw StewardError.of('not_found', 'This connection does not exist any more');
  const { superuserAccepted: _, ...rest } = first;
  const names = new Set(connections.map(({ name }) => name));
  return connections.toSpliced(at + 1, 0, { ...rest, id: newId, name: freeName(first.name, names) });
}

/** The connections that are saved for imported drafts, in their order, each under a name that is free. */
export function importConnections(
  connections: readonly Connection[],
  drafts: readonly ImportDraft[],
  newId: () => string,
): readonly Connection[] {
  const names = new Set(connections.map(({ name }) => name));
  return drafts.map((draft) => {
    const { superuserAccepted: _, ...rest } = draft;
    const name = freeName(draft.name, names);
    names.add(name);
    return { ...rest, id: newId(), name, folder: folderPath(draft.folder), managedBy: 'user' };
  });
}
