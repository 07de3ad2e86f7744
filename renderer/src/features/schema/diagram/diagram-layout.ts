import ELK from 'elkjs/lib/elk-api.js';
import elkWorkerUrl from 'elkjs/lib/elk-worker.min.js?url';

import type { Point } from './crows-foot.ts';
import { componentsOf } from './diagram-graph.ts';
import type { DiagramKey, TableKey } from './diagram-graph.ts';
import { bestLayout, fromElkGraph, otherLayerings, toElkGraph } from './elk-graph.ts';
import type { GroupLayout, Layering } from './elk-graph.ts';
import { arrangeGroups, gridLayout } from './group-arrangement.ts';
import type { TableCard } from './table-card.ts';

export interface DiagramLayout {
  readonly positions: ReadonlyMap<TableKey, Point>;
  /** By key, from the referring table to the referenced one. Holds only while both stand where they were put. */
  readonly routes: ReadonlyMap<string, readonly Point[]>;
  /** The deadline passed: the cards stand in a grid. */
  readonly gaveUp: boolean;
}

export const layoutDeadlineMs = 15_000;

/**
 * Lays out a diagram in a worker: each connected group by ELK, the groups packed side by side. When the deadline passes
 * the cards are put into a grid. Rejects with an AbortError when cancelled.
 */
export async function layoutDiagram(
  cards: readonly TableCard[],
  lines: readonly DiagramKey[],
  signal: AbortSignal,
): Promise<DiagramLayout> {
  signal.throwIfAborted();
  const cardOfKey = new Map(cards.map((card) => [card.key, card]));
  const groups = componentsOf(
    cards.map((card) => card.key),
    lines,
  ).map((keys) => keys.flatMap((key) => cardOfKey.get(key) ?? []));
  const connected = groups.filter((group) => group.length > 1);
  const alone = groups.filter((group) => group.length === 1).flat();
  if (connected.length === 0) return { ...arrangeGroups([], alone), gaveUp: false };
  const engine = takeEngine();
  const over = Promise.withResolvers<'late'>();
  const timer = window.setTimeout(() => over.resolve('late'), layoutDeadlineMs);
  const abort = () => over.reject(new DOMException('The layout was cancelled.', 'AbortError'));
  let finished = false;
  signal.addEventListener('abort', abort);
  try {
    const work = Promise.all(
      connected.map(async (group): Promise<GroupLayout> => {
        const members = new Set(group.map((card) => card.key));
        const own = lines.filter((line) => members.has(line.from) && members.has(line.to));
        return await layoutGroup(async (layering) =>
          fromElkGraph(await engine.layout(toElkGraph(group, own, layering)), own),
        );
      }),
    );
    // A rejection after the race is nobody's any more.
    work.catch(() => {});
    const done = await Promise.race([work, over.promise]);
    finished = done !== 'late';
    return done === 'late' ? { ...gridLayout(cards), gaveUp: true } : { ...arrangeGroups(done, alone), gaveUp: false };
  } finally {
    window.clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    giveBack(engine, finished);
  }
}

type Engine = InstanceType<typeof ELK>;

let idle: Engine | null = null;

/** An engine with a worker of its own: the one that did the last layout, which need not be loaded again. */
function takeEngine(): Engine {
  const engine = idle ?? new ELK({ workerFactory: () => new Worker(elkWorkerUrl) });
  idle = null;
  return engine;
}

/** Keeps an engine for the next layout. One that was broken off is still busy, so it ends here. */
function giveBack(engine: Engine, finished: boolean): void {
  if (finished && idle === null) idle = engine;
  else engine.terminateWorker();
}

/** Tries other layerings where the first makes a ribbon. One that ELK cannot do for this group is passed over. */
async function layoutGroup(lay: (layering: Layering) => Promise<GroupLayout>): Promise<GroupLayout> {
  const first = await lay('plain');
  const others = await Promise.all(otherLayerings(first).map((layering) => lay(layering).catch(() => null)));
  return bestLayout([first, ...others.filter((layout) => layout !== null)]) ?? first;
}
