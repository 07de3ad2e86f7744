import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AuditFilter } from '#contract/audit.ts';

import {
  auditWhere,
  likePattern,
  matchesFilter,
  newestFirst,
  pageOf,
} from '../../../../electron/services/audit/audit-filter.ts';
import { AuditRecord, entities } from '../../../../electron/store/entities.ts';
import { anEntry } from './audit-fixtures.ts';

let orm: MikroORM;
beforeAll(async () => {
  orm = await MikroORM.init({ dbName: 'nowhere', host: '/nowhere', entities, ensureDatabase: false, logger: () => {} });
});
afterAll(() => orm.close(true));

const sqlOf = (filter: AuditFilter, before?: { at: string; id: string }) => {
  const query = orm.em.createQueryBuilder(AuditRecord, 'a').select('id').where(auditWhere(filter, before));
  return { sql: query.getQuery().replace(/^.* where /, ''), values: query.getParams() };
};

it.each([
  ['', '%%'],
  ['50%_\\', String.raw`%50\%\_\\%`],
  [`'; drop table x --`, `%'; drop table x --%`],
])('a search for %j is the pattern %j', (text, pattern) => {
  expect(likePattern(text)).toBe(pattern);
});

describe('a filter as SQL', () => {
  it('keeps every value out of the text', () => {
    const evil = `' or 1=1; drop table steward.audit; --`;
    const { sql, values } = sqlOf({ search: evil, connectionId: evil, actions: ['query'], outcomes: ['failed'] });
    expect(sql).not.toContain('drop');
    expect(sql.match(/ilike/g)).toHaveLength(7);
    expect(values).toContain(`%${evil}%`);
    expect(values).toContain(evil);
  });

  it('goes on behind a place, and takes times as a half-open range', () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const at = '2026-11-23T10:00:00.000Z';
    const { sql } = sqlOf({ from: at, to: at }, { at, id });
    expect(sql).toContain('"a"."at" >= ?');
    expect(sql).toContain('"a"."at" < ?');
    expect(sql).toContain('"a"."id" < ?');
  });

  it('is nothing for an empty filter', () => {
    expect(auditWhere({})).toEqual({});
    expect(auditWhere({ search: ' \0 ' })).toEqual({});
  });
});

describe('a filter on entries that are in no store', () => {
  const entry = anEntry({ sql: "delete from Item where name = '100%'", error: 'permission denied' });
  it.each<[AuditFilter, boolean]>([
    [{}, true],
    [{ search: 'ITEM' }, true],
    [{ search: '100%' }, true],
    [{ search: '1%0' }, false],
    [{ search: 'denied' }, true],
    [{ search: 'SHOP' }, true],
    [{ search: 'ada' }, true],
    [{ search: 'nobody' }, false],
    [{ connectionId: 'c1' }, true],
    [{ connectionId: 'c2' }, false],
    [{ actions: ['restore'] }, false],
    [{ outcomes: ['done', 'failed'] }, true],
    [{ from: entry.at }, true],
    [{ to: entry.at }, false],
    [{ from: '2026-11-23T12:00:00+02:00' }, true],
  ])('%j: %s', (filter, found) => {
    expect(matchesFilter(entry, filter)).toBe(found);
  });
});

it('pages go from the newest to the oldest, each entry on one of them', () => {
  const entries = Array.from({ length: 7 }, (_, index) =>
    anEntry({ at: `2026-11-23T10:00:0${Math.floor(index / 2)}.000Z` }),
  ).toSorted(newestFirst);
  const seen: string[] = [];
  let before: { at: string; id: string } | undefined;
  do {
    const found = entries.filter((entry) => matchesFilter(entry, {}, before)).slice(0, 4);
    const page = pageOf(found, 3);
    seen.push(...page.entries.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before);
  expect(seen).toEqual(entries.map(({ id }) => id));
});
