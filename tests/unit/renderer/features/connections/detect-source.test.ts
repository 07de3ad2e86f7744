import { expect, test } from 'vitest';

import { detectSource } from '../../../../../renderer/src/features/connections/import/detect-source.ts';

test.each([
  ['{"Servers": {"1": {}}}', 'pgadmin'],
  ['\uFEFF{\n  "folders": {},\n  "connections": {}\n}', 'dbeaver'],
  ['{"format": "steward-connections", "version": 1, "connections": []}', 'steward'],
  ['# mine\n[orders]\nhost=db.example\n', 'service'],
  ['DATABASE_URL=postgres://h/d', 'environment'],
  ['export PGHOST=h\nPGUSER=u', 'environment'],
  ['postgres://u@h/d\npostgresql://u@h2/d', 'urls'],
  ['host=h dbname=d user=u', 'urls'],
  ['# comment\ndb.example:5432:orders:ada:s3cret', 'pgpass'],
  ['*:*:*:postgres:x', 'pgpass'],
  [String.raw`fe80\:\:1:5432:d:u:p`, 'pgpass'],
  ['', 'urls'],
  ['nonsense', 'urls'],
])('%j is taken for %s', (text, source) => {
  expect(detectSource(text)).toBe(source);
});
