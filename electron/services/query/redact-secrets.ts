const stringConstant = String.raw`(?:[eE]|[uU]&)?'(?:[^'\\]|\\.|'')*(?:'|$)|\$(?<tag>[A-Za-z_]*)\$[\s\S]*?(?:\$\k<tag>\$|$)`;

/** `password 'secret'`, `encrypted password $$secret$$`, options such as `(password 'secret')`. */
const passwordClause = new RegExp(String.raw`\b(password)(\s*(?:=|:=|=>)?\s*)(?:${stringConstant})`, 'gi');

/** `password=secret` inside a connection string, quoted or not. */
const passwordParameter = /\b(password|passfile|sslpassword)(\s*=\s*)(?:''(?:[^']|'''')*''|\\'[^']*\\'|[^\s'";&]+)/gi;

/** The password of a connection URL. */
const passwordInUrl = /\b(postgres(?:ql)?:\/\/[^\s:/@'"]*:)[^\s@/'"]+(@)/gi;

/** SQL as it may be kept: secrets that a statement carries are replaced by asterisks. Pure. */
export function redactSecrets(sql: string): string {
  return sql
    .replace(passwordClause, "$1$2'********'")
    .replace(passwordInUrl, '$1********$2')
    .replace(passwordParameter, (match, name: string, equals: string) =>
      match.includes('********') ? match : `${name}${equals}********`,
    );
}

/** An error message as it may be kept: the server repeats a part of the statement in it. */
export function redactError(message: string, sql: string): string {
  const carriesSecrets = redactSecrets(sql) !== sql;
  return redactSecrets(carriesSecrets ? message.replace(/(at or near )"[\s\S]*"/, '$1"********"') : message);
}
