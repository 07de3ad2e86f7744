export const gridRowHeight = 24;
export const gridHeaderHeight = 28;

/** Chromium caps the height of an element near 33.5 million pixels; taller grids scroll scaled. */
export const tallestScroll = 30_000_000;

export interface ScrollScale {
  /** The height of the element that scrolls. */
  readonly scrollHeight: number;
  /** How far `scrollTop` can go. */
  readonly scrollRange: number;
  /** How far the rows can go. */
  readonly contentRange: number;
}

/** How the scroll position of the element stands for the position in the rows. All in pixels. */
export function scrollScale(contentHeight: number, viewportHeight: number): ScrollScale {
  const scrollHeight = Math.min(contentHeight, tallestScroll);
  return {
    scrollHeight,
    scrollRange: Math.max(0, scrollHeight - viewportHeight),
    contentRange: Math.max(0, contentHeight - viewportHeight),
  };
}

/** The position in the rows that a `scrollTop` stands for. */
export function contentTopOf(scrollTop: number, scale: ScrollScale): number {
  if (scale.scrollRange === 0) return 0;
  if (scale.contentRange === scale.scrollRange) return scrollTop;
  return (Math.min(scrollTop, scale.scrollRange) / scale.scrollRange) * scale.contentRange;
}

/** The `scrollTop` that stands for a position in the rows. */
export function scrollTopOf(contentTop: number, scale: ScrollScale): number {
  if (scale.contentRange === 0) return 0;
  if (scale.contentRange === scale.scrollRange) return contentTop;
  return (Math.min(contentTop, scale.contentRange) / scale.contentRange) * scale.scrollRange;
}

/**
 * Where the rows are after the element was scrolled. Where scrolling is scaled, a small step (a wheel, an arrow) moves
 * the rows by as many pixels as it says; a large one is a drag of the thumb and moves them in proportion.
 */
export function contentTopAfterScroll(
  before: { readonly scrollTop: number; readonly contentTop: number },
  scrollTop: number,
  viewportHeight: number,
  scale: ScrollScale,
): number {
  if (scale.contentRange === scale.scrollRange) return scrollTop;
  const step = scrollTop - before.scrollTop;
  const atEdge = scrollTop <= 0 || scrollTop >= scale.scrollRange;
  if (atEdge || Math.abs(step) > viewportHeight) return contentTopOf(scrollTop, scale);
  return Math.max(0, Math.min(scale.contentRange, before.contentTop + step));
}

/** The left edge of every column, and behind the last one the right edge of all. */
export function columnEdges(widths: readonly number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push((edges.at(-1) ?? 0) + width);
  return edges;
}

/** The first and one past the last item that lies between two positions, by bisection over the edges. */
export function visibleRange(
  edges: readonly number[],
  from: number,
  to: number,
): { readonly first: number; readonly end: number } {
  const count = edges.length - 1;
  const first = Math.max(0, lastAtOrBefore(edges, from));
  const end = Math.min(count, lastAtOrBefore(edges, to) + 1);
  return { first: Math.min(first, count), end: Math.max(end, Math.min(first, count)) };
}

function lastAtOrBefore(edges: readonly number[], position: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((edges[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

const characterWidth = 7.55;
const narrowest = 56;
const widest = 380;

/** A width for a column that fits its name, its type and most of the values that are known, in pixels. */
export function fittingWidth(name: string, type: string, values: readonly (string | null)[]): number {
  let longest = 4;
  for (const value of values) longest = Math.max(longest, Math.min(60, value?.length ?? 4));
  const header = name.length * 7.2 + type.length * 6.2 + 34;
  return Math.round(Math.max(narrowest, Math.min(widest, Math.max(header, longest * characterWidth + 24))));
}
