import { endMark, endsOf, facingSides, plainRoute, roundedPath } from './crows-foot.ts';
import type { EndMark, Point, Side } from './crows-foot.ts';
import type { DiagramKey } from './diagram-graph.ts';

/** One end of a line: the card it belongs to, and how far below its top the line meets it. */
export interface LineEnd {
  readonly at: Point;
  readonly width: number;
  readonly y: number;
}

/** A foreign key as strokes. */
export interface KeyLine {
  readonly path: string;
  readonly child: EndMark;
  readonly parent: EndMark;
  /** Where "no index" is written; null where there is an index. */
  readonly label: Point | null;
}

export const noIndexLabel = { text: 'no index', width: 54, height: 17 } as const;

/** The strokes of a key: along the layout's way where one is given, else straight and at right angles. */
export function keyLine(line: DiagramKey, from: LineEnd, to: LineEnd, route: readonly Point[] | null): KeyLine {
  const { points, fromSide, toSide } = wayOf(line, from, to, route);
  const ends = endsOf(line.foreignKey);
  const start = points[0] ?? { x: 0, y: 0 };
  const end = points.at(-1) ?? start;
  return {
    path: roundedPath(points),
    child: endMark(start, fromSide, ends.child),
    parent: endMark(end, toSide, ends.parent),
    label: line.foreignKey.indexed
      ? null
      : {
          x: fromSide === 'right' ? start.x + 15 : start.x - 15 - noIndexLabel.width,
          y: start.y - noIndexLabel.height - 4,
        },
  };
}

function wayOf(
  line: DiagramKey,
  from: LineEnd,
  to: LineEnd,
  route: readonly Point[] | null,
): { readonly points: readonly Point[]; readonly fromSide: Side; readonly toSide: Side } {
  if (route !== null && route.length >= 2)
    return { points: route, fromSide: sideOf(route[0], from), toSide: sideOf(route.at(-1), to) };
  const [fromSide, toSide] =
    line.from === line.to
      ? (['right', 'right'] as const)
      : facingSides({ left: from.at.x, right: from.at.x + from.width }, { left: to.at.x, right: to.at.x + to.width });
  return { points: plainRoute(meeting(from, fromSide), fromSide, meeting(to, toSide), toSide), fromSide, toSide };
}

function meeting(end: LineEnd, side: Side): Point {
  return { x: side === 'right' ? end.at.x + end.width : end.at.x, y: end.at.y + end.y };
}

function sideOf(point: Point | undefined, end: LineEnd): Side {
  return point !== undefined && point.x > end.at.x + end.width / 2 ? 'right' : 'left';
}
