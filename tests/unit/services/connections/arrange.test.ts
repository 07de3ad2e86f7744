import fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  duplicateConnection,
  folderPath,
  freeName,
  importConnections,
  moveConnections,
} from '../../../../electron/services/connections/arrange.ts';
import { exportConnections } from '../../../../electron/services/connections/export-connections.ts';
import { readStewardFile } from '../../../../electron/services/connections/import/steward.ts';
import { connection, draft } from './connection-fixtures.ts';

const at = (id: string, folder = '') => connection({ id, name: id, folder });
const places = (entries: readonly { id: string; folder: string }[]) =>
  entries.map(({ id, folder }) => `${folder}:${id}`);

it.each([
  ['orders', [], 'orders'],
  ['orders', ['orders'], 'orders 2'],
  ['orders', ['orders', 'orders 2', 'orders 4'], 'orders 3'],
  ['orders 2', ['orders 2'], 'orders 3'],
  ['2', ['2'], '2 2'],
  ['x'.repeat(120), ['x'.repeat(120)], `${'x'.repeat(118)} 2`],
])('the free name for %s among %j is %s', (name, taken, free) => {
  expect(freeName(name, new Set(taken))).toBe(free);
});

it('cleans up the path of a folder', () => {
  expect(folderPath(' Acme / / Europe/')).toBe('Acme/Europe');
});

it('moves in front of another one, into its folder, in the order of the list', () => {
  const list = [at('a'), at('b'), at('c', 'X'), at('d', 'X')];
  expect(places(moveConnections(list, ['b', 'a'], 'X', 'd'))).toEqual(['X:c', 'X:a', 'X:b', 'X:d']);
  expect(places(moveConnections(list, ['a'], 'X'))).toEqual([':b', 'X:c', 'X:d', 'X:a']);
});

it('moves in front of the next one that stays when the target moves too', () => {
  const list = [at('a'), at('b'), at('c')];
  expect(places(moveConnections(list, ['a', 'b'], '', 'b'))).toEqual([':a', ':b', ':c']);
  expect(places(moveConnections(list, ['nobody'], '', 'a'))).toEqual([':a', ':b', ':c']);
});

it('never loses or doubles a connection by moving', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  fc.assert(
    fc.property(fc.array(ids), fc.option(ids, { nil: undefined }), fc.string(), (moving, before, folder) => {
      const list = ['a', 'b', 'c', 'd'].map((id) => at(id));
      const moved = moveConnections(list, moving, folder, before);
      expect(moved.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    }),
  );
});

it('puts a copy right behind the first, without what was accepted for it', () => {
  const list = [connection({ id: 'a', name: 'orders', superuserAccepted: 'it is my own machine' }), at('b')];
  const copied = duplicateConnection(list, 'a', 'new');
  expect(copied.map(({ id, name }) => [id, name])).toEqual([
    ['a', 'orders'],
    ['new', 'orders 2'],
    ['b', 'b'],
  ]);
  expect(copied[1]).not.toHaveProperty('superuserAccepted');
  expect(() => duplicateConnection(list, 'gone', 'new')).toThrow('does not exist');
});

it('imports under free names, also among themselves', () => {
  let number = 0;
  const added = importConnections(
    [connection({ name: 'orders' })],
    [draft({ name: 'orders', folder: '/A/' }), draft({ name: 'orders' })],
    () => `id-${(number += 1)}`,
  );
  expect(added).toMatchObject([
    { id: 'id-1', name: 'orders 2', folder: 'A', managedBy: 'user' },
    { id: 'id-2', name: 'orders 3', folder: '' },
  ]);
});

it('exports what an import reads back, without ids, Steward’s own server and what was accepted', () => {
  const saved = [
    connection({
      name: 'orders',
      folder: 'Acme',
      otherHosts: [{ host: 'b', port: 5433 }],
      authentication: { kind: 'command', command: 'vault read orders', expirySeconds: 60 },
      ssh: { host: 'bastion', method: 'key', keyFile: '~/.ssh/id', jumpHosts: ['ada@hop:2222'] },
      superuserAccepted: 'because I say so',
    }),
    connection({ name: 'own', managedBy: 'local-server' }),
  ];
  const text = exportConnections(saved);
  expect(text).not.toMatch(/because I say so|local-server|"id"/);
  const { id: _id, managedBy: _managedBy, superuserAccepted: _accepted, ...fields } = saved[0] ?? connection({});
  expect(readStewardFile(text)).toEqual({
    candidates: [
      {
        draft: fields,
        origin: '“orders” in the export',
        warnings: [
          'Its password comes from a command, which is not taken over. Enter it yourself if you trust it: vault read orders',
        ],
      },
    ],
    warnings: [],
  });
});
