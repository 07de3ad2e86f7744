export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}
export interface Place {
  readonly x: number;
  readonly y: number;
}
export interface Packing {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
}

/**
 * Puts boxes side by side without overlap in a picture of about this shape (width / height), large ones first. Tries
 * several widths and keeps the one that wastes least. The same boxes always get the same places.
 */
export function packBoxes(boxes: readonly Box[], gap: number, aspect: number): Packing {
  const sorted = boxes
    .map((box, order) => ({ box, order }))
    .sort((a, b) => b.box.height - a.box.height || b.box.width - a.box.width || a.order - b.order);
  const ordered = sorted.map(({ box }) => box);
  const area = ordered.reduce((sum, box) => sum + (box.width + gap) * (box.height + gap), 0);
  const widest = Math.max(0, ...ordered.map((box) => box.width + gap));
  let best: Packing | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const stretch of [0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6]) {
    const packing = skyline(ordered, gap, Math.max(widest, Math.sqrt(area * aspect) * stretch));
    // The frame of the wanted shape that holds everything decides how large it can be shown.
    const cost = Math.max(packing.width, packing.height * aspect);
    if (cost < bestCost) {
      best = packing;
      bestCost = cost;
    }
  }
  return best ?? { places: new Map(), width: 0, height: 0 };
}

/** Boxes of similar size in rows of a grid, in their own order. */
export function gridBoxes(boxes: readonly Box[], gap: number, aspect: number): Packing {
  const column = Math.max(0, ...boxes.map((box) => box.width)) + gap;
  const averageHeight = boxes.reduce((sum, box) => sum + box.height + gap, 0) / Math.max(1, boxes.length);
  const columns = Math.max(1, Math.round(Math.sqrt((boxes.length * averageHeight * aspect) / Math.max(1, column))));
  const places = new Map<string, Place>();
  const bottoms = Array.from({ length: Math.min(columns, boxes.length) }, () => 0);
  for (const [index, box] of boxes.entries()) {
    const at = index % columns;
    const top = bottoms[at] ?? 0;
    places.set(box.id, { x: at * column, y: top });
    bottoms[at] = top + box.height + gap;
  }
  return {
    places,
    width: Math.max(0, bottoms.length * column - gap),
    height: Math.max(0, ...bottoms) - (boxes.length > 0 ? gap : 0),
  };
}

interface Segment {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Each box goes to the lowest place where it fits, the leftmost of them. https://doi.org/10.1016/j.ejor.2009.11.002 */
function skyline(boxes: readonly Box[], gap: number, limit: number): Packing {
  let line: Segment[] = [{ x: 0, y: 0, width: limit }];
  const places = new Map<string, Place>();
  let right = 0;
  let bottom = 0;
  for (const box of boxes) {
    const width = box.width + gap;
    const height = box.height + gap;
    const spot = lowest(line, width, limit);
    places.set(box.id, spot);
    right = Math.max(right, spot.x + box.width);
    bottom = Math.max(bottom, spot.y + box.height);
    line = raise(line, { x: spot.x, y: spot.y + height, width });
  }
  return { places, width: right, height: bottom };
}

function lowest(line: readonly Segment[], width: number, limit: number): Place {
  let best: Place | null = null;
  for (const [index, segment] of line.entries()) {
    if (segment.x + width > limit + 0.5 && segment.x > 0) break;
    let y = segment.y;
    let covered = 0;
    for (let at = index; at < line.length && covered < width; at += 1) {
      const part = line[at];
      if (part === undefined) break;
      y = Math.max(y, part.y);
      covered += part.width;
    }
    if (best === null || y < best.y) best = { x: segment.x, y };
  }
  return best ?? { x: 0, y: Math.max(0, ...line.map((segment) => segment.y)) };
}

function raise(line: readonly Segment[], top: Segment): Segment[] {
  const end = top.x + top.width;
  const next: Segment[] = [];
  let placed = false;
  for (const segment of line) {
    const segmentEnd = segment.x + segment.width;
    if (segment.x < top.x) next.push({ ...segment, width: Math.min(segmentEnd, top.x) - segment.x });
    if (!placed && segmentEnd > top.x) {
      next.push(top);
      placed = true;
    }
    if (segmentEnd > end) {
      const x = Math.max(segment.x, end);
      next.push({ x, y: segment.y, width: segmentEnd - x });
    }
  }
  return next;
}
