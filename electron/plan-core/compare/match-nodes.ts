import type { PlanView } from './plan-view.ts';
import { conditionsText, methodOf } from './plan-view.ts';

/** Which node of the other plan does the same work; -1 for none. By node id. */
export type Matching = { readonly ofBefore: readonly number[]; readonly ofAfter: readonly number[] };

/** So far up from a matched node its unmatched ancestors are looked for. */
const MOST_HOPS = 4;
const MOST_ROUNDS = 4;

type State = {
  readonly before: PlanView;
  readonly after: PlanView;
  readonly ofBefore: number[];
  readonly ofAfter: number[];
};

/**
 * Matches the nodes of two plans.
 *
 * A tree edit distance would cost the square of the nodes and would not see through a changed join order. Here what a
 * plan cannot change, the relations it reads, anchors the rest, from the bottom up:
 *
 * 1. Scans are matched by relation and alias, inside the same InitPlan, SubPlan or CTE; what is alike in index and
 *    condition first, then by less and less. Equal keys are matched in print order.
 * 2. Every other node is known by the set of anchors below it (a sum of hashes, so that order does not matter) and its
 *    family: the joins of the same relations, whatever their method and sides; the sort, the aggregate of them. Scans
 *    without a partner are not counted, so a list of partitions may have grown.
 * 3. What is left is put to a vote: a matched pair speaks for the unmatched ancestors right above its two nodes. So the
 *    joins of a changed join order find each other.
 * 4. From the top down, what is left under a matched pair is matched by role and family.
 *
 * Each step groups by keys or sorts votes, so the whole is O(n log n). No step prefers one side: comparing the plans
 * the other way round gives the same pairs.
 */
export function matchNodes(before: PlanView, after: PlanView): Matching {
  const state: State = {
    before,
    after,
    ofBefore: before.nodes.map(() => -1),
    ofAfter: after.nodes.map(() => -1),
  };
  matchAnchors(state);
  matchBySets(state);
  for (let round = 0; round < MOST_ROUNDS && matchByVotes(state) + matchBelowPairs(state) > 0; round += 1);
  return state;
}

function match(state: State, before: number, after: number): void {
  state.ofBefore[before] = after;
  state.ofAfter[after] = before;
}

type KeyOf = (view: PlanView, id: number) => string | null;

/** Matches what has the same key in both plans, the first with the first; a null key takes no part. */
function matchByKey(state: State, keyOf: KeyOf): void {
  const waiting = new Map<string, number[]>();
  for (const [id, partner] of state.ofBefore.entries()) {
    const key = partner === -1 ? keyOf(state.before, id) : null;
    if (key === null) continue;
    const list = waiting.get(key);
    if (list) list.push(id);
    else waiting.set(key, [id]);
  }
  const taken = new Map<string, number>();
  for (const [id, partner] of state.ofAfter.entries()) {
    const key = partner === -1 ? keyOf(state.after, id) : null;
    if (key === null) continue;
    const position = taken.get(key) ?? 0;
    const other = waiting.get(key)?.[position];
    if (other === undefined) continue;
    taken.set(key, position + 1);
    match(state, other, id);
  }
}

const NUL = '\u0000';

function matchAnchors(state: State): void {
  const key =
    (...parts: ((view: PlanView, id: number) => string)[]): KeyOf =>
    (view, id) =>
      isAnchor(view, id) ? parts.map((part) => part(view, id)).join(NUL) : null;
  const name = (view: PlanView, id: number): string => `${view.families[id] ?? ''}${NUL}${anchorName(view, id)}`;
  const alias = (view: PlanView, id: number): string => view.nodes[id]?.alias ?? '';
  const context = (view: PlanView, id: number): string => view.contexts[id] ?? '';
  const index = (view: PlanView, id: number): string => view.nodes[id]?.index ?? '';
  const details = (view: PlanView, id: number): string => detailsOf(view, id);
  matchByKey(state, key(name, alias, context, index, details));
  matchByKey(state, key(name, alias, context, index));
  matchByKey(state, key(name, alias, context));
  matchByKey(state, key(name, alias));
  matchByKey(state, key(name, context));
  matchByKey(state, key(name));
}

function detailsOf(view: PlanView, id: number): string {
  const node = view.nodes[id];
  return node ? `${methodOf(node)}${NUL}${conditionsText(view, node)}` : '';
}

/** A scan, the target of a change, or whatever else stands at the bottom. */
function isAnchor(view: PlanView, id: number): boolean {
  return view.relations[id] !== null || (view.inputs[id]?.length ?? 0) === 0;
}

/** The index scan of a bitmap belongs to the relation whose bitmap it makes. */
function anchorName(view: PlanView, id: number): string {
  const own = view.relations[id];
  if (own !== null && own !== undefined) return own;
  let parent = view.nodes[id]?.parentId ?? null;
  while (parent !== null && view.families[parent] === 'bitmap combination')
    parent = view.nodes[parent]?.parentId ?? null;
  return parent !== null && view.nodes[parent]?.nodeType === 'Bitmap Heap Scan' ? (view.relations[parent] ?? '') : '';
}

/** The anchors at and below each node as two sums of hashes and a count: the same for the same set in any order. */
function anchorSets(view: PlanView, partners: readonly number[], numberOf: (id: number) => number): string[] {
  const size = view.nodes.length;
  const sums = new Float64Array(size * 2);
  const counts = new Int32Array(size);
  for (let id = size - 1; id >= 0; id -= 1) {
    if ((partners[id] ?? -1) !== -1 && isAnchor(view, id)) {
      const number = numberOf(id);
      sums[id * 2] = ((sums[id * 2] ?? 0) + hash(number, 0x9e37_79b1)) % MODULUS;
      sums[id * 2 + 1] = ((sums[id * 2 + 1] ?? 0) + hash(number, 0x85eb_ca6b)) % MODULUS;
      counts[id] = (counts[id] ?? 0) + 1;
    }
    const node = view.nodes[id];
    const parent = node?.parentId ?? null;
    if (parent === null || node?.relationship === 'InitPlan' || node?.relationship === 'SubPlan') continue;
    sums[parent * 2] = ((sums[parent * 2] ?? 0) + (sums[id * 2] ?? 0)) % MODULUS;
    sums[parent * 2 + 1] = ((sums[parent * 2 + 1] ?? 0) + (sums[id * 2 + 1] ?? 0)) % MODULUS;
    counts[parent] = (counts[parent] ?? 0) + (counts[id] ?? 0);
  }
  return view.nodes.map((_, id) =>
    (counts[id] ?? 0) === 0 ? '' : `${counts[id] ?? 0},${sums[id * 2] ?? 0},${sums[id * 2 + 1] ?? 0}`,
  );
}

const MODULUS = 2 ** 48;

function hash(number: number, seed: number): number {
  let mixed = Math.imul(number + 1, seed);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) + 1;
}

function matchBySets(state: State): void {
  const { before, after } = state;
  const setsBefore = anchorSets(before, state.ofBefore, (id) => id);
  const setsAfter = anchorSets(after, state.ofAfter, (id) => state.ofAfter[id] ?? -1);
  const setOf = (view: PlanView, id: number): string => (view === before ? setsBefore[id] : setsAfter[id]) ?? '';
  const key =
    (...parts: ((view: PlanView, id: number) => string)[]): KeyOf =>
    (view, id) => {
      const set = isAnchor(view, id) ? '' : setOf(view, id);
      return set === '' ? null : [set, view.families[id] ?? '', ...parts.map((part) => part(view, id))].join(NUL);
    };
  const context = (view: PlanView, id: number): string => view.contexts[id] ?? '';
  const type = (view: PlanView, id: number): string => view.nodes[id]?.nodeType ?? '';
  matchByKey(state, key(context, detailsOf));
  matchByKey(state, key(context, type));
  matchByKey(state, key(context));
  matchByKey(state, key());
}

type Vote = { readonly before: number; readonly after: number; count: number; readonly isSameType: boolean };

/** Returns how many pairs it found. Votes of equal rank never ask for the same node, so no order among them matters. */
function matchByVotes(state: State): number {
  const { before, after } = state;
  const votes = new Map<number, Vote>();
  for (const [id, partner] of state.ofBefore.entries()) {
    if (partner === -1) continue;
    const above = unmatchedAbove(before, state.ofBefore, id);
    if (above.length === 0) continue;
    for (const other of unmatchedAbove(after, state.ofAfter, partner)) {
      for (const own of above) {
        if (before.families[own] !== after.families[other] || isAnchor(before, own) || isAnchor(after, other)) continue;
        const key = own * after.nodes.length + other;
        const vote = votes.get(key);
        if (vote) vote.count += 1;
        else
          votes.set(key, {
            before: own,
            after: other,
            count: 1,
            isSameType: before.nodes[own]?.nodeType === after.nodes[other]?.nodeType,
          });
      }
    }
  }
  const ranked = [...votes.values()].sort(
    (a, b) =>
      b.count - a.count || Number(b.isSameType) - Number(a.isSameType) || a.before + a.after - (b.before + b.after),
  );
  let found = 0;
  for (const vote of ranked) {
    if (state.ofBefore[vote.before] !== -1 || state.ofAfter[vote.after] !== -1) continue;
    match(state, vote.before, vote.after);
    found += 1;
  }
  return found;
}

/** The unmatched nodes right above a matched one, inside the same InitPlan, SubPlan or CTE. */
function unmatchedAbove(view: PlanView, partners: readonly number[], id: number): number[] {
  const found: number[] = [];
  for (let below = id; found.length < MOST_HOPS;) {
    const node = view.nodes[below];
    const parent = node?.parentId ?? null;
    if (parent === null || node?.subplanName !== undefined || partners[parent] !== -1) break;
    found.push(parent);
    below = parent;
  }
  return found;
}

/** Children of a pair, and the two roots, by role and family. A node has one parent, so pairs do not compete. */
function matchBelowPairs(state: State): number {
  const { before, after, ofBefore, ofAfter } = state;
  let found = 0;
  const pairUp = (ofOne: readonly number[], ofOther: readonly number[], keyOf: KeyOf): void => {
    const waiting = new Map<string, number[]>();
    for (const id of ofOne) {
      const key = ofBefore[id] === -1 ? keyOf(before, id) : null;
      if (key === null) continue;
      const list = waiting.get(key);
      if (list) list.push(id);
      else waiting.set(key, [id]);
    }
    if (waiting.size === 0) return;
    const taken = new Map<string, number>();
    for (const id of ofOther) {
      const key = ofAfter[id] === -1 ? keyOf(after, id) : null;
      if (key === null) continue;
      const position = taken.get(key) ?? 0;
      const other = waiting.get(key)?.[position];
      if (other === undefined) continue;
      taken.set(key, position + 1);
      match(state, other, id);
      found += 1;
    }
  };
  const family: KeyOf = (view, id) => (view.relations[id] === null ? (view.families[id] ?? null) : null);
  const role: KeyOf = (view, id) =>
    view.relations[id] === null
      ? `${view.families[id] ?? ''}${NUL}${view.nodes[id]?.relationship ?? ''}${NUL}${view.contexts[id] ?? ''}`
      : null;
  pairUp([0], [0], family);
  for (const [id, partner] of ofBefore.entries()) {
    if (partner === -1) continue;
    const children = before.children[id] ?? [];
    const others = after.children[partner] ?? [];
    if (children.length === 0 || others.length === 0) continue;
    pairUp(children, others, role);
    pairUp(children, others, family);
  }
  return found;
}
