import 'bootstrap/dist/css/bootstrap.min.css';
import * as pev2 from 'pev2';
import 'pev2/dist/pev2.css';
import { createApp } from 'vue';

import { analyzePlans } from '../../../../electron/plan-core/index.ts';
import { generateMixedPlan, generatePartitions } from '../generate-plans.ts';

/** What the bench asks of this page; times in ms. */
export interface BenchPage {
  /** Makes a plan and keeps it: `kind` with so many nodes. Answers the lengths of its two texts. */
  generate(kind: 'mixed' | 'partitions', nodes: number): { json: number; text: number };
  /** From the source to the plan with its insights, in a web worker. `fresh` starts another worker first. */
  read(format: 'json' | 'text', fresh: boolean): Promise<number>;
  /** What pev2 does with a source before it paints anything. */
  readWithPeer(format: 'json' | 'text'): number;
  /** Mounts pev2 with the JSON, until its diagram is painted. */
  paintPeer(): Promise<number>;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}

interface PeerStore {
  readonly plan?: unknown;
  parse(source: string, query: string): void;
}

/** The store that pev2 does not export; the build of this page makes it. */
function isPeerStore(value: unknown): value is PeerStore {
  return typeof value === 'object' && value !== null && 'parse' in value && typeof value.parse === 'function';
}

const peerModule: object = pev2;
const peerStore = 'store' in peerModule && isPeerStore(peerModule.store) ? peerModule.store : null;
const sources = { json: '', text: '' };
let worker: Worker | null = null;

window.bench = {
  generate(kind, nodes) {
    sources.json = kind === 'mixed' ? generateMixedPlan(nodes) : generatePartitions(nodes);
    sources.text = analyzePlans(sources.json)[0]?.text ?? '';
    return { json: sources.json.length, text: sources.text.length };
  },
  async read(format, fresh) {
    if (fresh) worker?.terminate();
    const started = performance.now();
    if (fresh || worker === null)
      worker = new Worker(new URL('./reading-worker.ts', import.meta.url), { type: 'module' });
    const reader = worker;
    await new Promise<void>((resolve, reject) => {
      reader.addEventListener('message', () => resolve(), { once: true });
      reader.addEventListener('error', (event) => reject(new Error(event.message)), { once: true });
      reader.postMessage(sources[format]);
    });
    return performance.now() - started;
  },
  readWithPeer(format) {
    if (!peerStore) throw new Error('This version of pev2 has another store');
    const started = performance.now();
    peerStore.parse(sources[format], '');
    const took = performance.now() - started;
    if (!peerStore.plan) throw new Error('pev2 could not read the plan');
    return took;
  },
  async paintPeer() {
    const started = performance.now();
    createApp(pev2.Plan, { planSource: sources.json, planQuery: '' }).mount('#peer');
    // Each node of its diagram is HTML inside the drawing.
    while (document.querySelector('foreignObject *') === null) await nextFrame();
    await nextFrame();
    return performance.now() - started;
  },
};

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}
