export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

export interface Standing {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether a key is an arrow. */
export function isDirection(key: string): key is Direction {
  return key === 'ArrowLeft' || key === 'ArrowRight' || key === 'ArrowUp' || key === 'ArrowDown';
}

/** The box that stands nearest in a direction, preferring what lies straight ahead; null where there is none. */
export function nearestTable(boxes: readonly Standing[], from: Standing, direction: Direction): Standing | null {
  const across = direction === 'ArrowUp' || direction === 'ArrowDown';
  const forward = direction === 'ArrowRight' || direction === 'ArrowDown' ? 1 : -1;
  const center = (box: Standing) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const start = center(from);
  let best: Standing | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    if (box.id === from.id) continue;
    const at = center(box);
    const ahead = (across ? at.y - start.y : at.x - start.x) * forward;
    const aside = Math.abs(across ? at.x - start.x : at.y - start.y);
    if (ahead <= 1 || aside > ahead * 3) continue;
    const cost = ahead + aside * 2;
    if (cost < bestCost) {
      best = box;
      bestCost = cost;
    }
  }
  return best;
}
