import { expect, test } from 'vitest';

import { connectionEntrySchema } from '../../../../../electron/contract/connections.ts';
import type { ConnectionEntry } from '../../../../../electron/contract/connections.ts';
import {
  folderPaths,
  listRows,
  nextSort,
  placeAfterStep,
  siblingAfter,
} from '../../../../../renderer/src/features/connections/list/list-model.ts';
import type { ListView } from '../../../../../renderer/src/features/connections/list/list-model.ts';
import {
  nothingSelected,
  stillThere,
  withAll,
  withRow,
} from '../../../../../renderer/src/features/connections/list/list-selection.ts';

function entry(id: string, folder = '', changes: Partial<ConnectionEntry> = {}): ConnectionEntry {
  return connectionEntrySchema.parse({
    id,
    name: id,
    folder,
    environment: 'development',
    color: 'green',
    host: 'db.example',
    port: 5432,
    database: 'app',
    user: 'ada',
    sslMode: 'prefer',
    readOnly: false,
    managedBy: 'user',
    state: { kind: 'closed' },
    password: 'none',
    ...changes,
  });
}

const view: ListView = { search: '', collapsed: new Set(), sort: null };

function shown(connections: readonly ConnectionEntry[], changes: Partial<ListView> = {}): string[] {
  return listRows(connections, { ...view, ...changes }).map((row) =>
    row.kind === 'folder'
      ? `${'  '.repeat(row.depth)}${row.collapsed ? '+' : '-'} ${row.name} (${row.entries.length})`
      : `${'  '.repeat(row.depth)}${row.entry.name}`,
  );
}

const list = [
  entry('z'),
  entry('b', 'Acme/Europe'),
  entry('a', 'Acme/Europe'),
  entry('m', 'Acme'),
  entry('y'),
  entry('f10', 'Folder 10'),
  entry('f2', 'Folder 2'),
];

test('folders nest, count what is in them, and come after the connections, by name', () => {
  expect(shown(list)).toEqual([
    'z',
    'y',
    '- Acme (3)',
    '  m',
    '  - Europe (2)',
    '    b',
    '    a',
    '- Folder 2 (1)',
    '  f2',
    '- Folder 10 (1)',
    '  f10',
  ]);
  expect(folderPaths(list)).toEqual(['Acme', 'Acme/Europe', 'Folder 2', 'Folder 10']);
});

test('a collapsed folder hides its content, but not from a search', () => {
  expect(shown(list, { collapsed: new Set(['Acme']) })).toEqual([
    'z',
    'y',
    '+ Acme (3)',
    '- Folder 2 (1)',
    '  f2',
    '- Folder 10 (1)',
    '  f10',
  ]);
  expect(shown(list, { collapsed: new Set(['Acme']), search: ' EUROPE a' })).toEqual([
    '- Acme (2)',
    '  - Europe (2)',
    '    b',
    '    a',
  ]);
  expect(shown(list, { search: 'nowhere' })).toEqual([]);
});

test('a search looks at every word in name, hosts, database, user, folder and environment', () => {
  const one = [
    entry('x', 'F', { otherHosts: [{ host: 'replica', port: 6432 }], environment: 'production', user: 'Bob' }),
  ];
  for (const search of ['x', 'replica:6432', 'production', 'bob', 'db.exa app', '5432 f']) {
    expect(shown(one, { search })).toHaveLength(2);
  }
});

test('a sort orders within folders, and a third click brings the own order back', () => {
  expect(shown(list, { sort: { column: 'name', descending: false } }).slice(0, 7)).toEqual([
    'y',
    'z',
    '- Acme (3)',
    '  m',
    '  - Europe (2)',
    '    a',
    '    b',
  ]);
  const first = nextSort(null, 'host');
  const second = nextSort(first, 'host');
  expect([first, second, nextSort(second, 'host'), nextSort(second, 'name')]).toEqual([
    { column: 'host', descending: false },
    { column: 'host', descending: true },
    null,
    { column: 'name', descending: false },
  ]);
});

test('one step up or down stays among the siblings', () => {
  const of = (...ids: string[]) => new Set(ids);
  expect(placeAfterStep(list, of('a'), 'up')).toEqual({ folder: 'Acme/Europe', beforeId: 'b' });
  expect(placeAfterStep(list, of('b'), 'up')).toBeNull();
  expect(placeAfterStep(list, of('z'), 'down')).toEqual({ folder: '', beforeId: undefined });
  expect(placeAfterStep(list, of('y'), 'down')).toBeNull();
  expect(placeAfterStep(list, of('z', 'a'), 'down')).toBeNull();
  expect(siblingAfter(list, list[1] ?? entry('none'))).toBe('a');
  expect(siblingAfter(list, list[4] ?? entry('none'))).toBeUndefined();
});

test('rows are selected one by one, by toggling and as a range', () => {
  const rows = listRows(list, view);
  const one = withRow(nothingSelected, rows, 'y', 'only');
  expect([...one.ids]).toEqual(['y']);
  const range = withRow(one, rows, 'b', 'range');
  expect([...range.ids]).toEqual(['y', 'm', 'b']);
  expect(range.anchorKey).toBe('y');
  const toggled = withRow(range, rows, 'm', 'toggle');
  expect([...toggled.ids]).toEqual(['y', 'b']);
  const folder = withRow(toggled, rows, 'folder:Acme', 'only');
  expect(folder).toEqual({ ids: new Set(), activeKey: 'folder:Acme', anchorKey: 'folder:Acme' });
  expect(withAll(folder, rows).ids.size).toBe(7);
  expect([...stillThere(toggled, new Set(['b'])).ids]).toEqual(['b']);
  expect(stillThere(toggled, new Set(['b', 'y']))).toBe(toggled);
  expect(withRow(toggled, rows, 'gone', 'only')).toBe(toggled);
});
