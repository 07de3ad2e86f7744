import UFuzzy from '@leeoniya/ufuzzy';

export interface FuzzyMatch<T> {
  readonly item: T;
  /** Pairs of start and end offsets of the matched characters in the item's text. */
  readonly ranges: readonly number[];
}

// Identifiers are searched by their parts: `pid` finds portfolio_id.
const matcher = new UFuzzy({ intraMode: 0, intraIns: 3, interIns: Number.POSITIVE_INFINITY });
const infoLimit = 2000;

/**
 * The items whose text matches every word of `needle`, best first. An empty needle answers the items as they come.
 * `haystack` must be the texts of `items` in the same order, so that callers can keep it between keystrokes.
 */
export function fuzzySearch<T>(
  items: readonly T[],
  haystack: readonly string[],
  needle: string,
  limit: number,
): FuzzyMatch<T>[] {
  const wanted = needle.trim();
  if (wanted === '') return items.slice(0, limit).map((item) => ({ item, ranges: [] }));
  const [indexes, info, order] = matcher.search([...haystack], wanted, 4, infoLimit);
  if (indexes === null) return [];
  const matches: FuzzyMatch<T>[] = [];
  if (info !== null && order !== null) {
    for (const position of order.slice(0, limit)) {
      const item = items[info.idx[position] ?? -1];
      if (item !== undefined) matches.push({ item, ranges: info.ranges[position] ?? [] });
    }
    return matches;
  }
  for (const index of indexes.slice(0, limit)) {
    const item = items[index];
    if (item !== undefined) matches.push({ item, ranges: [] });
  }
  return matches;
}

/** Cuts a text into runs that are matched or not, for highlighting. */
export function highlightRuns(
  text: string,
  ranges: readonly number[],
): { readonly text: string; readonly matched: boolean }[] {
  const runs: { text: string; matched: boolean }[] = [];
  let at = 0;
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    const start = Math.max(at, ranges[i] ?? 0);
    const end = Math.min(text.length, ranges[i + 1] ?? 0);
    if (end <= start) continue;
    if (start > at) runs.push({ text: text.slice(at, start), matched: false });
    runs.push({ text: text.slice(start, end), matched: true });
    at = end;
  }
  if (at < text.length) runs.push({ text: text.slice(at), matched: false });
  return runs;
}
