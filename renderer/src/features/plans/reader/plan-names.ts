import type { PlanNode } from '#contract/plan-model.ts';

/** How a node is named, cut so that its parts can be set apart. */
export interface NodeName {
  /** `Parallel Seq Scan`, as FORMAT TEXT writes it. */
  readonly kind: string;
  /** What it reads: `holdings h`; null for nodes that read other nodes. */
  readonly object: string | null;
  /** The index it reads through; null where there is none. */
  readonly index: string | null;
}

const metrics = [' (cost=', ' (actual ', ' (never executed)'];

/** The name of a node, from its own first line in the plan's text. */
export function nodeNameOf(node: PlanNode, textLines: readonly string[]): NodeName {
  const line = textLines[node.line - 1] ?? '';
  const named = line.replace(/^[\s>-]*/, '');
  const ends = metrics.map((start) => outsideQuotes(named, start)).filter((at) => at !== -1);
  const label = named.slice(0, Math.min(named.length, ...ends)).trimEnd();
  const on = outsideQuotes(label, ' on ');
  const using = outsideQuotes(label, ' using ');
  const first = Math.min(on === -1 ? label.length : on, using === -1 ? label.length : using);
  const kind = label.slice(0, first);
  if (kind === '') return { kind: node.nodeType, object: node.relation ?? null, index: node.index ?? null };
  const object = on === -1 ? null : label.slice(on + 4);
  if (node.nodeType === 'Bitmap Index Scan') return { kind, object: null, index: object ?? node.index ?? null };
  const index = using === -1 ? null : label.slice(using + 7, on > using ? on : undefined);
  return { kind, object, index };
}

/** Where a word stands outside quoted identifiers, which may hold anything; -1 for nowhere. */
function outsideQuotes(label: string, word: string): number {
  for (let at = label.indexOf(word); at !== -1; at = label.indexOf(word, at + 1)) {
    if (label.slice(0, at).split('"').length % 2 === 1) return at;
  }
  return -1;
}

/** A node's name on one line: `Seq Scan on holdings h`. */
export function nodeLabelOf({ kind, object, index }: NodeName): string {
  if (object !== null) return `${kind} on ${object}`;
  return index === null ? kind : `${kind} on ${index}`;
}
