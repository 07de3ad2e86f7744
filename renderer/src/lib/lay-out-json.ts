/**
 * Breaks JSON into lines and indents it without reading its values, so that numbers keep every digit and keys their
 * order. What is not JSON comes back as it was.
 */
export function layOutJson(json: string): string {
  try {
    JSON.parse(json);
  } catch {
    return json;
  }
  let out = '';
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const last = out.at(-1);
    if (token === '{' || token === '[') {
      out += token;
      depth += 1;
      out += newLine();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      const opened = out.trimEnd();
      const isEmpty = (last === ' ' || last === '\n') && (opened.endsWith('{') || opened.endsWith('['));
      out = isEmpty ? opened + token : out + newLine() + token;
    } else if (token === ',') out += token + newLine();
    else out += token === ':' ? ': ' : token;
  }
  return out;
}
