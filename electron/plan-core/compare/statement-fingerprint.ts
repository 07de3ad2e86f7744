/** A token of SQL that does not depend on how it was laid out. `'…'` first, so that nothing inside it is taken for another. */
const TOKEN =
  /--[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*$)|(?:[eEbBxXuU]&?)?'[^']*(?:''[^']*)*(?:'|$)|\$([A-Za-z_]\w*|)\$(?:[\s\S]*?\$\1\$|[\s\S]*$)|"[^"]*(?:""[^"]*)*(?:"|$)|\$\d+|\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*|\s+|[\s\S]/g;

/**
 * What a statement is without its constants, comments, case and white space, and the constants by themselves.
 * Two statements with the same `shape` differ in their parameters only.
 */
export function fingerprint(sql: string): { shape: string; constants: readonly string[] } {
  const shape: string[] = [];
  const constants: string[] = [];
  for (const [token] of sql.matchAll(TOKEN)) {
    if (/^(?:\s|--|\/\*)/.test(token)) continue;
    if (/^(?:[eEbBxXuU]&?)?'|^\$|^\d/.test(token) && token !== '$') {
      constants.push(token);
      // A list of values is one parameter, however long.
      if (shape.at(-1) === ',' && shape.at(-2) === '?') shape.pop();
      else shape.push('?');
    } else shape.push(token.startsWith('"') ? token : token.toLowerCase());
  }
  while (shape.at(-1) === ';') shape.pop();
  return { shape: shape.join(' '), constants };
}

/** A condition of a plan with its constants taken out: `(a = 5)` and `(a = 7)` are the same. */
export function conditionShape(condition: string): string {
  return fingerprint(condition).shape;
}
