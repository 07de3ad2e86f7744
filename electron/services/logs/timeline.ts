import type { LogTimeline } from '#contract/logs.ts';

type Step = { -readonly [Name in keyof LogTimeline['steps'][number]]: number };

const mostSteps = 1000;
const counted = ['calls', 'durationMs', 'errors', 'lockWaits', 'tempBytes', 'connections', 'checkpoints'] as const;

/**
 * Counts by the minute; by longer steps where the log covers more. Never more than a thousand of them. Calls and durations
 * of auto_explain are counted apart: they are shown where the log has no others.
 */
export class Timeline {
  #stepMs = 60_000;
  #steps = new Map<number, { readonly own: Step; readonly planned: Step }>();

  at(atMs: number, planned = false): Step {
    for (;;) {
      const at = Math.floor(atMs / this.#stepMs) * this.#stepMs;
      let pair = this.#steps.get(at);
      if (pair === undefined && this.#steps.size >= mostSteps) {
        this.#widen();
        continue;
      }
      if (pair === undefined) {
        pair = { own: emptyStep(at), planned: emptyStep(at) };
        this.#steps.set(at, pair);
      }
      return planned ? pair.planned : pair.own;
    }
  }

  finish(fromPlans: boolean): LogTimeline {
    const steps = [...this.#steps.values()].map(({ own, planned }) =>
      fromPlans ? { ...own, calls: planned.calls, durationMs: planned.durationMs } : own,
    );
    return { stepMs: this.#stepMs, steps: steps.toSorted((a, b) => a.at - b.at) };
  }

  #widen(): void {
    const stepMs = wider.find((candidate) => candidate > this.#stepMs) ?? this.#stepMs * 2;
    const steps = new Map<number, { readonly own: Step; readonly planned: Step }>();
    for (const { own, planned } of this.#steps.values()) {
      const at = Math.floor(own.at / stepMs) * stepMs;
      const into = steps.get(at) ?? { own: emptyStep(at), planned: emptyStep(at) };
      for (const name of counted) {
        into.own[name] += own[name];
        into.planned[name] += planned[name];
      }
      steps.set(at, into);
    }
    this.#stepMs = stepMs;
    this.#steps = steps;
  }
}

const minute = 60_000;
const wider = [2, 5, 10, 15, 30, 60, 120, 240, 720, 1440].map((minutes) => minutes * minute);

function emptyStep(at: number): Step {
  return { at, calls: 0, durationMs: 0, errors: 0, lockWaits: 0, tempBytes: 0, connections: 0, checkpoints: 0 };
}
