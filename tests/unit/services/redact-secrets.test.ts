import { describe, expect, it } from 'vitest';

import { redactError, redactSecrets } from '../../../electron/services/query/redact-secrets.ts';

describe('redactSecrets', () => {
  it.each([
    [`alter role bob password 'hunter2'`, `alter role bob password '********'`],
    [
      `ALTER USER bob WITH ENCRYPTED PASSWORD 'it''s' VALID UNTIL '2030-01-01'`,
      `ALTER USER bob WITH ENCRYPTED PASSWORD '********' VALID UNTIL '2030-01-01'`,
    ],
    [`alter role bob password e'a\\'b' nologin`, `alter role bob password '********' nologin`],
    ['alter role bob password $$hunter2$$', `alter role bob password '********'`],
    ['alter role bob password $x$a$$b$x$ login', `alter role bob password '********' login`],
    [`alter role bob password\n  'hunter2'`, `alter role bob password\n  '********'`],
    [`alter role bob password 'never closed`, `alter role bob password '********'`],
    [
      `create user mapping for bob server s options (user 'u', password 'p')`,
      `create user mapping for bob server s options (user 'u', password '********')`,
    ],
    [
      `create subscription s connection 'host=h password=secret dbname=d' publication p`,
      `create subscription s connection 'host=h password=******** dbname=d' publication p`,
    ],
    [`select dblink('postgresql://u:secret@h/d')`, `select dblink('postgresql://u:********@h/d')`],
    [`select dblink('host=h password=''my secret'' user=u')`, `select dblink('host=h password=******** user=u')`],
    [`select dblink('postgresql://u:sec`, `select dblink('postgresql://u:********`],
    [`select * from t where password = ''`, `select * from t where password = '********'`],
    [`alter role bob password null`, `alter role bob password null`],
    [`select password from users where name = 'x'`, `select password from users where name = 'x'`],
  ])('%s', (sql, redacted) => {
    expect(redactSecrets(sql)).toBe(redacted);
  });

  it('takes out what the server repeats of a statement', () => {
    expect(redactError(`unterminated quoted string at or near "'secret"`, `alter role bob password 'secret`)).toBe(
      'unterminated quoted string at or near "********"',
    );
    expect(redactError('relation "x" does not exist', 'select 1 from x')).toBe('relation "x" does not exist');
  });
});
