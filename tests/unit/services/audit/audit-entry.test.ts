import { describe, expect, it } from 'vitest';

import { StewardError } from '../../../../electron/postgres/failure.ts';
import {
  type AuditDraft,
  auditEntry,
  bounded,
  keptSqlLength,
  outcomeOf,
} from '../../../../electron/services/audit/audit-entry.ts';
import { redact } from '../../../../electron/services/secrets/known-secrets.ts';

const origin = { actor: 'ada', machine: 'desk', host: 'cli', version: '0.1.0' };
const connection = {
  id: 'c1',
  name: 'Shop',
  environment: 'production',
  host: 'one',
  port: 5432,
  database: 'shop',
  user: 'app',
} as const;
const draft = (changes: Partial<AuditDraft> = {}): AuditDraft => ({
  connection,
  action: 'query',
  sql: 'delete from item',
  outcome: 'done',
  error: null,
  startedAt: '2026-11-23T10:00:00.000Z',
  durationMs: 1.23456,
  ...changes,
});
const entryOf = (changes: Partial<AuditDraft>, secrets: string[] = []) =>
  auditEntry(draft(changes), origin, (text) => redact(text, secrets));

describe('an entry', () => {
  it('says who, where, what and how it ended', () => {
    expect(entryOf({ rows: 3 })).toMatchObject({
      ...origin,
      role: 'app',
      server: 'one:5432',
      database: 'shop',
      environment: 'production',
      sql: 'delete from item',
      sqlOmitted: 0,
      durationMs: 1.235,
      rows: 3,
    });
  });

  it('has no secret: not one in the SQL, not one that is known, not one in the message', () => {
    const entry = entryOf(
      {
        sql: `alter role app password 'in-sql'; select 'known-one', 'postgresql://u:in-url@h/d'`,
        error: `syntax error at or near "'in-sql"`,
        subject: 'about known-one',
        connection: { ...connection, name: 'known-one' },
      },
      ['known-one'],
    );
    expect(JSON.stringify(entry)).not.toMatch(/in-sql|known-one|in-url/);
  });

  it('has nothing that the store could not hold', () => {
    expect(entryOf({ sql: 'select \0 \ud800' }).sql).toBe('select \u2400 \ufffd');
  });
});

describe('a text that is too long', () => {
  it('is cut, and says by how much', () => {
    const sql = 'x'.repeat(keptSqlLength + 5);
    expect(bounded(sql, keptSqlLength, (text) => text)).toEqual({ text: sql.slice(5), omitted: 5 });
    const long = 'x'.repeat(1_000_000);
    const entry = entryOf({ sql: long });
    expect(entry.sql).toHaveLength(keptSqlLength);
    expect(entry.sqlOmitted).toBe(900_000);
  });

  it('never keeps the half of a secret, wherever it is cut', () => {
    const secret = 'TopSecretTopSecret';
    for (let place = keptSqlLength - 40; place < keptSqlLength + 16_500; place += 17) {
      const sql = `${' '.repeat(place)}'${secret}' ${'y'.repeat(200_000)}`;
      expect(entryOf({ sql }, [secret]).sql, String(place)).not.toContain('TopS');
      const stated = `${' '.repeat(place - 9)}password '${secret}' ${'y'.repeat(200_000)}`;
      expect(entryOf({ sql: stated }).sql, String(place)).not.toContain('TopS');
    }
  });
});

it.each([
  [StewardError.of('connection_lost', 'gone'), false, 'unknown'],
  [StewardError.of('connection_lost', 'gone'), true, 'unknown'],
  [StewardError.of('cancelled', 'by hand'), false, 'cancelled'],
  [StewardError.of('postgres', 'no'), true, 'cancelled'],
  [new Error('no'), false, 'failed'],
])('%s, aborted %s, ended %s', (error, aborted, outcome) => {
  expect(outcomeOf(error, aborted ? AbortSignal.abort() : undefined)).toBe(outcome);
});
