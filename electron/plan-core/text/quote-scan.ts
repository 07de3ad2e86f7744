/** Where a scan of deparsed SQL stands: which quote is open, and how many brackets are. */
export type QuoteState = { quote: '' | "'" | '"'; depth: number };

/** Carries a scan over one more piece of deparsed SQL. Doubled quotes need no care: they close and open again. */
export function scanQuotes(state: QuoteState, piece: string): void {
  for (let position = 0; position < piece.length; position += 1) {
    const character = piece.charCodeAt(position);
    if (state.quote !== '') {
      if (character === state.quote.charCodeAt(0)) state.quote = '';
    } else if (character === 39) state.quote = "'";
    else if (character === 34) state.quote = '"';
    else if (character === 40 || character === 91) state.depth += 1;
    else if (character === 41 || character === 93) state.depth = Math.max(0, state.depth - 1);
  }
}

/** Splits `a, (b, c), "d, e"` at the commas outside of quotes and brackets. */
export function splitList(text: string): string[] {
  const items: string[] = [];
  let quote = 0;
  let depth = 0;
  let start = 0;
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 39 || code === 34) quote = code;
    else if (code === 40 || code === 91) depth += 1;
    else if (code === 41 || code === 93) depth = Math.max(0, depth - 1);
    else if (code === 44 && depth === 0) {
      items.push(text.slice(start, position).trim());
      start = position + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '' || items.length > 0) items.push(last);
  return items;
}

/** One identifier at a position, unquoted, and where it ends; null when none begins there. */
export function readIdentifier(text: string, start: number): { name: string; end: number } | null {
  if (text[start] === '"') {
    let name = '';
    let position = start + 1;
    while (position < text.length) {
      if (text[position] === '"') {
        if (text[position + 1] !== '"') return { name, end: position + 1 };
        position += 1;
      }
      name += text.charAt(position);
      position += 1;
    }
    return null;
  }
  let position = start;
  while (position < text.length && !endsBareName(text, position)) position += 1;
  return position === start ? null : { name: text.slice(start, position), end: position };
}

function endsBareName(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code === 46 || code === 32 || ((code < 32 || code > 126) && /\s/.test(text.charAt(position)));
}

/** `schema.relation alias`, each part quoted or not. A part that is missing is missing. */
export function readQualifiedName(text: string): { schema?: string; name: string; alias?: string } | null {
  const trimmed = text.trim();
  const first = readIdentifier(trimmed, 0);
  if (!first) return null;
  let schema: string | undefined;
  let name = first.name;
  let end = first.end;
  while (trimmed[end] === '.') {
    const next = readIdentifier(trimmed, end + 1);
    if (!next) break;
    schema = schema === undefined ? name : `${schema}.${name}`;
    name = next.name;
    end = next.end;
  }
  const rest = trimmed.slice(end).trim();
  const alias = rest === '' ? undefined : (readIdentifier(rest, 0)?.name ?? rest);
  return { ...(schema === undefined ? {} : { schema }), name, ...(alias === undefined ? {} : { alias }) };
}
