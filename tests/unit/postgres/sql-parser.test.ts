import { expect, it } from 'vitest';

import { SqlParser } from '../../../electron/postgres/sql-parser/index.ts';

it('a long INSERT that may change what is there is not passed over', async () => {
  await using parser = new SqlParser();
  const values = Array.from({ length: 5000 }, (_, index) => `(${index})`).join(', ');
  const insert = `insert into t values ${values}`;
  expect(insert.length).toBeGreaterThan(20_000);
  expect(await parser.impact(insert, 'InsertStmt')).toBeUndefined();
  expect(await parser.impact(`${insert} on conflict (i) do update set i = 0`, 'InsertStmt')).toMatchObject({
    loss: 'unknown',
  });
});
