const stringConstant = String.raw`(?:[eE]|[uU]&)?'(?:[^'\\]|\\.|'')*(?:'|$)|\$(?<tag>[A-Za-z_]*)\$[\s\S]*?(?:\$\k<tag>\$|$)`;

/** `password 'secret'`, `encrypted password $$secret$$`, options such as `(password 'secret')`. */
const passwordClause = new RegExp(String.raw`\b(password)(\s*(?:=|:=|=>)?\s*)(?:${stringConstant})`, 'gi');

/** `password=secret` inside a connection string, quoted or not. */
const passwordParameter = /\b(password|passfile|sslpassword)(\s*=\s*)(?:''(?:[^']|'''')*''|\\'[^']*\\'|[^\s'";&]+)/gi;

/** The password of a connection URL. */
const passwordInUrl = /\b(postgres(?:ql)?:\/\/[^\s:/@'"]*:)[^\s@/'"]+(@)/gi;

/** In a connection string that is a string of SQL itself. An empty string of SQL looks alike but for what follows. */
const quotedParameter = /(\b(?:password|sslpassword)\s*=\s*)''(?=[^\s',;)])(?:[^']|'''')*(?:''|$)/gi;

/** The server keeps the beginning of a long statement, so that what ends a secret may be missing. */
const cutInUrl = /(\bpostgres(?:ql)?:\/\/[^\s:/@'"]*:)[^\s@/'"]+$/i;

/** Lengths are bounded: a hostile text would make an open end quadratic. */
const secretLiteral =
  /((?:passw(?:or)?d|pwd|secret|token|api_?key|credential|private_?key|passphrase)[\w"]{0,60}\s*(?:=|<>|!=|:=|=>)\s*)E?'(?:[^']|'')*(?:'|$)/gi;

/** Without one of these there is nothing to look for. */
const hint = /passw|passf|passphrase|pwd|secret|token|api_?key|credential|private_?key|postgres(?:ql)?:/i;

/** A statement as it may be shown and kept: also without what it compares with or assigns to a secret. Pure. */
export function redactStatement(sql: string): string {
  return hint.test(sql) ? redactSecrets(sql).replaceAll(secretLiteral, "$1'********'") : sql;
}

/** SQL as it may be kept: secrets that a statement carries are replaced by asterisks. Pure. */
export function redactSecrets(sql: string): string {
  return sql
    .replace(cutInUrl, '$1********')
    .replaceAll(quotedParameter, '$1********')
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
