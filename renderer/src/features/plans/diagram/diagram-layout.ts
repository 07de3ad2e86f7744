import type { TreeRow } from '../tree/tree-rows.ts';

/** A box of the diagram: a node, or alike siblings folded into one. Pixels at full size. */
export interface DiagramBox {
  readonly row: TreeRow;
  readonly left: number;
  readonly top: number;
  /** Index of the box that takes this one's rows; -1 for the root. */
  readonly parent: number;
}

export interface PlanDiagram {
  readonly boxes: readonly DiagramBox[];
  readonly width: number;
  readonly height: number;
}

export const boxWidth = 212;
export const boxHeight = 58;
export const levelGap = 56;
export const siblingGap = 12;
const margin = 16;

/**
 * Lays out the lines of the tree from left to right: each level a column, each leaf a row, each parent halfway between
 * its first and its last child. Linear, so that ten thousand boxes are laid out within a frame or two.
 */
export function layoutDiagram(rows: readonly TreeRow[]): PlanDiagram {
  const count = rows.length;
  const parents = new Int32Array(count).fill(-1);
  const firstChild = new Int32Array(count).fill(-1);
  const lastChild = new Int32Array(count).fill(-1);
  const open: number[] = [];
  rows.forEach((row, at) => {
    while (open.length > 0 && (rows[open.at(-1) ?? 0]?.depth ?? 0) >= row.depth) open.pop();
    const parent = open.at(-1) ?? -1;
    parents[at] = parent;
    if (parent !== -1) {
      if (firstChild[parent] === -1) firstChild[parent] = at;
      lastChild[parent] = at;
    }
    open.push(at);
  });
  const tops = new Float64Array(count);
  let next = margin;
  rows.forEach((_, at) => {
    if (firstChild[at] !== -1) return;
    tops[at] = next;
    next += boxHeight + siblingGap;
  });
  for (let at = count - 1; at >= 0; at -= 1) {
    const first = firstChild[at] ?? -1;
    if (first !== -1) tops[at] = ((tops[first] ?? 0) + (tops[lastChild[at] ?? first] ?? 0)) / 2;
  }
  let deepest = 0;
  const boxes = rows.map((row, at): DiagramBox => {
    deepest = Math.max(deepest, row.depth);
    return {
      row,
      left: margin + row.depth * (boxWidth + levelGap),
      top: tops[at] ?? 0,
      parent: parents[at] ?? -1,
    };
  });
  return {
    boxes,
    width: margin * 2 + boxWidth + deepest * (boxWidth + levelGap),
    height: Math.max(boxHeight + margin * 2, next - siblingGap + margin),
  };
}

/** A part of the diagram. */
export interface DiagramPart {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The box at a point; null beside all of them. */
export function boxAt({ boxes }: PlanDiagram, x: number, y: number): DiagramBox | null {
  return boxes.find(({ left, top }) => x >= left && x <= left + boxWidth && y >= top && y <= top + boxHeight) ?? null;
}

/** More lines than this, of boxes that are out of sight themselves, say no more than so many. */
const mostPassingLines = 120;

/**
 * What of a part can be seen: boxes, and boxes out of sight whose line to their parent passes through. Of a parent with
 * ten thousand children nearly every line passes: then some stand for all.
 */
export function inSight(
  { boxes }: PlanDiagram,
  part: DiagramPart,
): { readonly boxes: readonly DiagramBox[]; readonly passing: readonly DiagramBox[] } {
  const seen: DiagramBox[] = [];
  const passing: DiagramBox[] = [];
  for (const box of boxes) {
    if (box.left > part.right + levelGap) continue;
    const beside = box.left + boxWidth < part.left;
    if (!beside && box.top <= part.bottom && box.top + boxHeight >= part.top) {
      seen.push(box);
      continue;
    }
    const parent = boxes[box.parent];
    if (parent === undefined || beside || parent.left > part.right) continue;
    if (Math.min(box.top, parent.top) <= part.bottom && Math.max(box.top, parent.top) + boxHeight >= part.top)
      passing.push(box);
  }
  const step = Math.ceil(passing.length / mostPassingLines);
  return { boxes: seen, passing: step <= 1 ? passing : passing.filter((_, at) => at % step === 0) };
}
