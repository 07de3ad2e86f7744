import { describe, expect, test } from 'vitest';

import {
  completionContext,
  namedRelations,
  quotedWhereNeeded,
} from '../../../../../renderer/src/features/query/completion-context.ts';

/** The context at the place of the bar. */
function at(text: string) {
  const offset = text.indexOf('|');
  return completionContext(text.replace('|', ''), offset);
}

describe('where the cursor is', () => {
  test('behind a dot: what the qualifier means is known, even when it is named later', () => {
    expect(at('select u.| from public.users u')).toEqual({
      kind: 'member',
      qualifier: 'u',
      relations: [{ schema: 'public', name: 'users', alias: 'u' }],
    });
    expect(at('select u.em| from users u')).toMatchObject({ kind: 'member', qualifier: 'u' });
    expect(at('select "U x".| from users "U x"')).toMatchObject({ kind: 'member', qualifier: 'U x' });
  });

  test('after FROM and JOIN a relation is expected', () => {
    expect([
      at('select * from |').kind,
      at('select * from us|').kind,
      at('select * from a join |').kind,
      at('update |').kind,
    ]).toEqual(['relation', 'relation', 'relation', 'relation']);
  });

  test('only the statement of the cursor counts', () => {
    expect(at('select * from a; select | from b; select * from c')).toMatchObject({
      kind: 'any',
      relations: [{ name: 'b' }],
    });
  });

  test('nothing is offered in strings and comments', () => {
    expect([
      at("select 'ab|'").kind,
      at("select 'ab|").kind,
      at('select 1 -- fro|').kind,
      at('select /* x |').kind,
    ]).toEqual(['none', 'none', 'none', 'none']);
    expect([at("select 'ab' |").kind, at('select 1 -- x\n|').kind]).toEqual(['any', 'any']);
  });
});

test('finds relations with and without aliases, and takes no keyword for one', () => {
  expect(
    namedRelations('select * from a, b as bb join s."C d" c on true left join e where x in (select 1 from f)'),
  ).toEqual([
    { schema: null, name: 'a', alias: null },
    { schema: null, name: 'b', alias: 'bb' },
    { schema: 's', name: 'C d', alias: 'c' },
    { schema: null, name: 'e', alias: null },
    { schema: null, name: 'f', alias: null },
  ]);
});

test('names are quoted only where they must be', () => {
  expect(['users', 'Users', 'a b', 'say"hi'].map(quotedWhereNeeded)).toEqual([
    'users',
    '"Users"',
    '"a b"',
    '"say""hi"',
  ]);
});
