import type { PlanComparison } from '#contract/plan-comparison.ts';

import { FailureError } from '../../../rpc/failure.ts';

import type { PlanIndex } from './plan-index.ts';
import type { NodeName } from './plan-names.ts';
import PlanReaderWorker from './plan-reader-worker.ts?worker';
import type { SheetNode } from './plan-sheet.ts';
import type {
  FoundPlan,
  KnownOfPlan,
  PlanOfSource,
  PlanPart,
  ReaderAnswer,
  ReaderTask,
  UnreadablePlans,
} from './reader-protocol.ts';

/** The plans of one text. They stay with the reader until they are opened; `close` lets go of it. */
export interface PlanSource {
  readonly plans: readonly FoundPlan[];
  readonly unreadable: UnreadablePlans;
  readonly open: (place: number, signal?: AbortSignal) => Promise<PlanIndex>;
  readonly close: () => void;
}

export interface ComparedPlans {
  readonly before: PlanIndex;
  readonly after: PlanIndex;
  readonly comparison: PlanComparison;
}

/** Reads every plan of a text or file; `known` is what its source does not tell, where it holds one plan. Throws `bad_input` naming line and column when it holds none. */
export async function readPlans(
  source: string | Blob,
  signal?: AbortSignal,
  known: KnownOfPlan = {},
): Promise<PlanSource> {
  const reader = new Reader();
  try {
    const answer = await reader.ask({ kind: 'read', source, known }, 'read', signal);
    return {
      plans: answer.plans,
      unreadable: answer.unreadable,
      open: (place, opening) => reader.plan({ kind: 'open', place }, opening),
      close: () => reader.close(),
    };
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** Reads one plan of a text. */
export async function readPlan({ source, place, queryText }: PlanOfSource, signal?: AbortSignal): Promise<PlanIndex> {
  const reader = new Reader();
  try {
    await reader.ask({ kind: 'read', source, known: queryText === null ? {} : { queryText } }, 'read', signal);
    return await reader.plan({ kind: 'open', place }, signal);
  } finally {
    reader.close();
  }
}

/** Reads two plans and compares them node by node. */
export async function comparePlans(
  before: PlanOfSource,
  after: PlanOfSource,
  signal?: AbortSignal,
): Promise<ComparedPlans> {
  const reader = new Reader();
  try {
    const { comparison } = await reader.ask({ kind: 'compare', before, after }, 'compared', signal);
    return { before: reader.received('before'), after: reader.received('after'), comparison };
  } finally {
    reader.close();
  }
}

/** The text of a plan with every name and constant replaced, to be shown to others. */
export async function anonymisedText(plan: PlanOfSource, signal?: AbortSignal): Promise<string> {
  const reader = new Reader();
  try {
    return (await reader.ask({ kind: 'anonymise', plan }, 'text', signal)).text;
  } finally {
    reader.close();
  }
}

let spare: Worker | null = null;

/** Has a worker ready for the next text: starting one, and compiling what reads plans, takes longer than most plans do. */
export function warmReader(): void {
  if (spare !== null) return;
  spare = new PlanReaderWorker();
  spare.postMessage({ kind: 'warm' } satisfies ReaderTask);
}

function takeWorker(): Worker {
  const worker = spare ?? new PlanReaderWorker();
  spare = null;
  return worker;
}

type Answer<Kind extends ReaderAnswer['kind']> = Extract<ReaderAnswer, { readonly kind: Kind }>;

/** A worker of its own for each text: cancelling one ends it, whatever it is doing. */
class Reader {
  readonly #worker = takeWorker();
  readonly #parts = new Map<PlanPart, { index: PlanIndex; nodes: SheetNode[]; names: NodeName[] }>();

  /** The answers say what they are, not whom they are for: one question after the other. */
  #asked: Promise<unknown> = Promise.resolve();

  plan(task: ReaderTask, signal?: AbortSignal): Promise<PlanIndex> {
    return this.#inTurn(async () => {
      await this.#ask(task, 'whole', signal);
      return this.received('whole');
    });
  }

  ask<Kind extends ReaderAnswer['kind']>(task: ReaderTask, wanted: Kind, signal?: AbortSignal): Promise<Answer<Kind>> {
    return this.#inTurn(() => this.#ask(task, wanted, signal));
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#asked.then(work, work);
    this.#asked = turn.catch(() => {});
    return turn;
  }

  #ask<Kind extends ReaderAnswer['kind']>(task: ReaderTask, wanted: Kind, signal?: AbortSignal): Promise<Answer<Kind>> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const end = (settle: () => void) => {
        done.abort();
        settle();
      };
      const abort = () =>
        end(() => {
          this.close();
          reject(signal?.reason instanceof Error ? signal.reason : new DOMException('Cancelled', 'AbortError'));
        });
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { signal: done.signal });
      worker.addEventListener(
        'message',
        ({ data }: MessageEvent<ReaderAnswer>) => {
          this.#take(data);
          if (isOfKind(data, wanted)) end(() => resolve(data));
          else if (data.kind === 'failed') end(() => reject(failureOfReader(data)));
        },
        { signal: done.signal },
      );
      worker.addEventListener('error', (event) => end(() => reject(brokenReader(event.message))), {
        signal: done.signal,
      });
      worker.postMessage(task);
    });
  }

  received(part: PlanPart): PlanIndex {
    const found = this.#parts.get(part);
    this.#parts.delete(part);
    if (found === undefined) throw brokenReader('it sent no plan');
    return { ...found.index, names: found.names, plan: { ...found.index.plan, nodes: found.nodes } };
  }

  close(): void {
    this.#worker.terminate();
  }

  #take(answer: ReaderAnswer): void {
    if (answer.kind === 'plan') this.#parts.set(answer.part, { index: answer.index, nodes: [], names: [] });
    if (answer.kind !== 'nodes') return;
    const part = this.#parts.get(answer.part);
    part?.nodes.push(...answer.nodes);
    part?.names.push(...answer.names);
  }
}

function isOfKind<Kind extends ReaderAnswer['kind']>(answer: ReaderAnswer, kind: Kind): answer is Answer<Kind> {
  return answer.kind === kind;
}

function failureOfReader({ message, place, understood }: Answer<'failed'>): FailureError {
  if (!understood) return brokenReader(message);
  return new FailureError({
    code: 'bad_input',
    message: place === null ? message : `${message} (line ${place.line}, column ${place.column})`,
    hint: 'Paste the whole output of EXPLAIN, in any of its formats.',
    retryable: false,
  });
}

/** Too little memory, or a mistake of ours. */
function brokenReader(why: string): FailureError {
  return new FailureError({
    code: 'internal',
    message: `The reader of plans stopped: ${why || 'it ran out of memory'}.`,
    hint: 'The text is unharmed. A smaller part of it may be read.',
    retryable: true,
  });
}
