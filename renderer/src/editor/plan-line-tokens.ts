/** A piece of a line of EXPLAIN text, from its 0-based column on, under the names of the editor's theme. */
export interface PlanLineToken {
  readonly startIndex: number;
  readonly scopes: '' | 'keyword' | 'predefined' | 'string' | 'number' | 'comment';
}

/** One blank only: more of them in a row would be tried over and over. */
const metricsStart = /\s\((?=cost=|actual |never executed)/;
const valueLexer =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\b\d+(?:\.\d+)?\b|\b(?:AND|OR|NOT|ANY|ALL|IS|NULL|CASE|WHEN|THEN|ELSE|END|DESC|ASC|NULLS|FIRST|LAST)\b/g;

/** Cuts one line of EXPLAIN text for colouring. It never fails: what it does not know stays plain. */
export function planLineTokens(line: string): PlanLineToken[] {
  const tokens: PlanLineToken[] = [];
  const lead = /^\s*(?:->\s+)?/.exec(line)?.[0].length ?? 0;
  const rest = line.slice(lead);
  const metrics = metricsStart.exec(rest);
  const isArrow = line.slice(0, lead).includes('->');
  if (isArrow || (metrics !== null && !/^[^(]*:\s/.test(rest))) {
    if (isArrow) push(tokens, line.indexOf('->'), 'keyword');
    const label = metrics === null ? rest : rest.slice(0, metrics.index).trimEnd();
    pushLabel(tokens, label, lead);
    if (metrics !== null) push(tokens, lead + label.length, 'comment');
    return tokens;
  }
  if (/^(?:SubPlan|InitPlan|CTE)\b[^:]*$/.test(rest)) {
    push(tokens, lead, 'comment');
    return tokens;
  }
  const key = /^(?:Worker \d+: {2})?[A-Z][\w /().-]*?:(?=\s|$)/.exec(rest)?.[0] ?? '';
  if (key !== '') push(tokens, lead, 'comment');
  push(tokens, lead + key.length, '');
  pushValue(tokens, rest.slice(key.length), lead + key.length);
  return tokens;
}

/** `Index Scan using idx on public.holdings h` */
function pushLabel(tokens: PlanLineToken[], label: string, at: number): void {
  const first = /\s(?:on|using)\s/.exec(label);
  push(tokens, at, 'keyword');
  if (first === null) return;
  let place = first.index;
  for (const word of label
    .slice(first.index)
    .matchAll(/\s(on|using)\s+((?:"(?:[^"]|"")*"|\S)+(?:(?!\s(?:on|using)\s)\s+(?:"(?:[^"]|"")*"|\S+))*)/g)) {
    place = first.index + word.index;
    push(tokens, at + place, '');
    push(tokens, at + place + word[0].length - (word[2]?.length ?? 0), 'predefined');
  }
}

function pushValue(tokens: PlanLineToken[], text: string, at: number): void {
  for (const match of text.matchAll(valueLexer)) {
    const [found] = match;
    const kind = found.startsWith("'")
      ? 'string'
      : found.startsWith('"')
        ? 'predefined'
        : /^\d/.test(found)
          ? 'number'
          : 'keyword';
    push(tokens, at + match.index, kind);
    push(tokens, at + match.index + found.length, '');
  }
}

function push(tokens: PlanLineToken[], startIndex: number, scopes: PlanLineToken['scopes']): void {
  if (tokens.at(-1)?.startIndex === startIndex) tokens.pop();
  tokens.push({ startIndex, scopes });
}
