export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Side = 'left' | 'right';

/** What one end of a line says: how many rows of this table belong to one row of the other. */
export type Multiplicity = 'one' | 'exactly one' | 'zero or one' | 'many';

export interface KeyEnds {
  readonly parent: Multiplicity;
  readonly child: Multiplicity;
}

export interface EndMark {
  /** SVG path of its strokes. */
  readonly path: string;
  /** The circle of "zero"; null where there is none. */
  readonly circle: { readonly center: Point; readonly radius: number } | null;
}

const footLength = 11;
const footSpread = 5.5;
const barHalf = 5.5;

/** How the ends of a foreign key read in crow's foot notation. */
export function endsOf(foreignKey: { readonly optional: boolean; readonly unique: boolean }): KeyEnds {
  return { parent: foreignKey.optional ? 'zero or one' : 'exactly one', child: foreignKey.unique ? 'one' : 'many' };
}

/** The mark at the end of a line that meets a card at `at` on its `side`. */
export function endMark(at: Point, side: Side, multiplicity: Multiplicity): EndMark {
  const out = side === 'right' ? 1 : -1;
  const bar = (distance: number) => `M${at.x + out * distance} ${at.y - barHalf}V${at.y + barHalf}`;
  switch (multiplicity) {
    case 'many': {
      const tip = at.x + out * footLength;
      return { path: `M${at.x} ${at.y - footSpread}L${tip} ${at.y}L${at.x} ${at.y + footSpread}`, circle: null };
    }
    case 'one':
      return { path: bar(8), circle: null };
    case 'exactly one':
      return { path: bar(7) + bar(11), circle: null };
    case 'zero or one':
      return { path: bar(7), circle: { center: { x: at.x + out * 13.5, y: at.y }, radius: 3.5 } };
  }
}

/** SVG path along points, with rounded corners. */
export function roundedPath(points: readonly Point[], radius = 5): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (after === undefined) {
      path += `L${round(point.x)} ${round(point.y)}`;
      continue;
    }
    const reach = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
    const enter = towards(point, before, reach);
    const leave = towards(point, after, reach);
    path += `L${round(enter.x)} ${round(enter.y)}Q${round(point.x)} ${round(point.y)} ${round(leave.x)} ${round(leave.y)}`;
  }
  return path;
}

const stub = 26;

/** A line of right angles between two cards, for where the layout gave none: a card was moved. */
export function plainRoute(from: Point, fromSide: Side, to: Point, toSide: Side): Point[] {
  const start = { x: from.x + (fromSide === 'right' ? stub : -stub), y: from.y };
  const end = { x: to.x + (toSide === 'right' ? stub : -stub), y: to.y };
  if (fromSide === toSide) {
    const x = fromSide === 'right' ? Math.max(start.x, end.x) : Math.min(start.x, end.x);
    return [from, { x, y: from.y }, { x, y: to.y }, to];
  }
  const roomBetween = fromSide === 'right' ? end.x - start.x : start.x - end.x;
  if (roomBetween >= 0) {
    const x = (start.x + end.x) / 2;
    return from.y === to.y ? [from, to] : [from, { x, y: from.y }, { x, y: to.y }, to];
  }
  const y = (from.y + to.y) / 2;
  return [from, start, { x: start.x, y }, { x: end.x, y }, end, to];
}

export interface Span {
  readonly left: number;
  readonly right: number;
}

/** The sides by which two cards are joined, looking at where they stand. */
export function facingSides(from: Span, to: Span): readonly [Side, Side] {
  const gapRight = to.left - from.right;
  const gapLeft = from.left - to.right;
  if (gapRight >= stub * 1.5) return ['right', 'left'];
  if (gapLeft >= stub * 1.5) return ['left', 'right'];
  return ['right', 'right'];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
