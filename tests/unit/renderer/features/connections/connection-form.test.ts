import { expect, test, vi } from 'vitest';

import { connectionDraftSchema, connectionEntrySchema } from '../../../../../electron/contract/connections.ts';
import type { ConnectionEntry } from '../../../../../electron/contract/connections.ts';

// The form reaches the channel only through this one, which it does not use.
vi.mock('../../../../../renderer/src/workbench/connection-actions.ts', () => ({
  draftOf: ({ state: _state, managedBy: _managedBy, password, ...saved }: ConnectionEntry) => ({
    ...saved,
    rememberPassword: password === 'stored',
  }),
}));
const { draftFrom, emptyForm, errorsOf, formOf, withEnvironment, withParsed } =
  await import('../../../../../renderer/src/features/connections/form/connection-form.ts');
const { formatTimeout, parseTimeout } =
  await import('../../../../../renderer/src/features/connections/form/timeout-text.ts');

const full: ConnectionEntry = connectionEntrySchema.parse({
  id: 'a',
  name: 'orders',
  environment: 'production',
  color: 'purple',
  host: 'a.example',
  port: 5432,
  otherHosts: [{ host: 'b.example', port: 5433 }],
  targetSessionAttrs: 'primary',
  database: 'orders',
  user: 'ada',
  sslMode: 'verify-full',
  sslRootCert: '/ca',
  sslCert: '/cert',
  sslKey: '/key',
  sslCrl: '/crl',
  options: '-c search_path=sales',
  authentication: { kind: 'command', command: 'vault read orders', expirySeconds: 60 },
  ssh: { host: 'bastion', port: 2222, user: 'jump', method: 'key', keyFile: '~/.ssh/id', jumpHosts: ['x@a:1', 'b'] },
  timeouts: { statementMs: 90_000, lockMs: 0, idleInTransactionMs: 600_000 },
  folder: 'Acme/Europe',
  readOnly: true,
  superuserAccepted: 'only I work on it',
  managedBy: 'user',
  state: { kind: 'closed' },
  password: 'stored',
});

test('a connection goes through the form unchanged', () => {
  const { state: _state, managedBy: _managedBy, password: _password, ...saved } = full;
  expect(errorsOf(formOf(full))).toEqual({});
  expect(connectionDraftSchema.parse(draftFrom(formOf(full)))).toEqual({ ...saved, rememberPassword: true });
  const plain = connectionEntrySchema.parse({
    ...full,
    authentication: { kind: 'passfile' },
    ssh: undefined,
    timeouts: {},
  });
  expect(connectionDraftSchema.parse(draftFrom(formOf(plain)))).toMatchObject({
    authentication: { kind: 'passfile' },
    timeouts: {},
  });
  expect(draftFrom(formOf(plain))).not.toHaveProperty('ssh');
});

test('every field says what it lacks', () => {
  expect(errorsOf(emptyForm)).toEqual({
    name: 'Give the connection a name',
    host: 'Host is empty',
    database: 'Database is empty',
    user: 'User is empty',
  });
  expect(
    Object.keys(
      errorsOf({
        ...formOf(full),
        port: '0',
        otherHosts: [{ host: '', port: '1' }],
        passwordCommand: ' ',
        passwordExpiry: '-1',
        sshHost: '',
        sshPort: '99999',
        sshKeyFile: '',
        sshJumpHosts: 'a,b,c,d,e,f,g,h,i',
        lockTimeout: '5',
      }),
    ),
  ).toEqual([
    'port',
    'otherHosts',
    'passwordCommand',
    'passwordExpiry',
    'sshHost',
    'sshPort',
    'sshKeyFile',
    'sshJumpHosts',
    'lockTimeout',
  ]);
});

test('what was read from a string fills the form, and leaves alone what it does not say', () => {
  const before = { ...emptyForm, folder: 'Acme', authentication: 'command' as const, passwordCommand: 'x' };
  const after = withParsed(before, { host: 'h', port: 6432, database: 'd', otherHosts: [{ host: 'i', port: 1 }] });
  expect(after).toEqual({
    ...before,
    name: 'd',
    host: 'h',
    port: '6432',
    database: 'd',
    otherHosts: [{ host: 'i', port: '1' }],
  });
  expect(withParsed(before, { password: 'p' })).toMatchObject({ authentication: 'password', password: 'p' });
  expect(withParsed(before, { authentication: { kind: 'passfile', file: '/p' } })).toMatchObject({
    authentication: 'passfile',
    passfile: '/p',
  });
});

test('colour and guard follow the environment until somebody chose another colour', () => {
  const production = withEnvironment(emptyForm, 'production');
  expect(production).toMatchObject({ color: 'red', readOnly: true });
  expect(withEnvironment(production, 'staging')).toMatchObject({ color: 'amber', readOnly: false });
  expect(withEnvironment({ ...production, color: 'purple' }, 'local').color).toBe('purple');
});

test.each([
  ['', undefined],
  ['0', 0],
  ['500 ms', 500],
  ['1.5s', 1500],
  ['10 MIN', 600_000],
  ['24 h', 86_400_000],
  ['25 h', 'invalid'],
  ['5', 'invalid'],
  ['five s', 'invalid'],
  ['-1 s', 'invalid'],
])('%j is %j', (text, ms) => {
  expect(parseTimeout(text)).toBe(ms);
  if (typeof ms === 'number') expect(parseTimeout(formatTimeout(ms))).toBe(ms);
});
