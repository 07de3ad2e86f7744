import type { SqlKind } from './expression.ts';
import type { NameSpace } from './name-book.ts';
import { wordsOf } from './built-in-words.ts';

/** What the text under a key is. */
export type TextKind =
  | { readonly kind: 'sql'; readonly sql: SqlKind }
  | { readonly kind: 'name'; readonly space: NameSpace; readonly prefix?: string }
  | { readonly kind: 'function' | 'samplingMethod' | 'nodeType' | 'provider' | 'subplan' | 'measure' };

const expression: TextKind = { kind: 'sql', sql: 'expression' };

/**
 * Keys of a node that hold names or expressions, in the order in which words are given to them. It is an order of its
 * own, since one plan has its keys in another order as FORMAT JSON than as FORMAT TEXT.
 */
const TEXT_KINDS: ReadonlyMap<string, TextKind> = new Map<string, TextKind>([
  ['Node Type', { kind: 'nodeType' }],
  ['Custom Plan Provider', { kind: 'provider' }],
  ['Subplan Name', { kind: 'subplan' }],
  ['Relation Name', { kind: 'name', space: 'relation' }],
  ['Tuplestore Name', { kind: 'name', space: 'relation' }],
  ['CTE Name', { kind: 'name', space: 'relation', prefix: 'cte' }],
  ['Function Name', { kind: 'function' }],
  ['Table Function Name', { kind: 'function' }],
  ['Alias', { kind: 'name', space: 'relation', prefix: 'a' }],
  ['Schema', { kind: 'name', space: 'schema' }],
  ['Index Name', { kind: 'name', space: 'index' }],
  ['Conflict Arbiter Indexes', { kind: 'name', space: 'index' }],
  ['Distributed Subplan', { kind: 'name', space: 'literal' }],
  ['Node', { kind: 'name', space: 'server' }],
  ['Relations', { kind: 'sql', sql: 'relations' }],
  ['Output', expression],
  ['Function Call', expression],
  ['Table Function Call', expression],
  ['Sampling Method', { kind: 'samplingMethod' }],
  ['Sampling Parameters', expression],
  ['Repeatable Seed', expression],
  ['Sort Key', expression],
  ['Presorted Key', expression],
  ['Group Key', expression],
  ['Hash Keys', expression],
  ['Group Keys', expression],
  ['Window', { kind: 'sql', sql: 'window' }],
  ['Run Condition', expression],
  ['Hash Cond', expression],
  ['Merge Cond', expression],
  ['Index Cond', expression],
  ['Recheck Cond', expression],
  ['Order By', expression],
  ['TID Cond', expression],
  ['Join Filter', expression],
  ['One-Time Filter', expression],
  ['Filter', expression],
  ['Conflict Filter', expression],
  ['Vectorized Filter', expression],
  ['Columnar Projected Columns', expression],
  ['Columnar Chunk Group Filters', expression],
  ['Cache Key', expression],
  ['Params Evaluated', expression],
  ['Remote SQL', { kind: 'sql', sql: 'statement' }],
  ['Query', { kind: 'sql', sql: 'statement' }],
  ['Tasks Shown', { kind: 'measure' }],
  ['Tuple data received from node', { kind: 'measure' }],
  ['Tuple data received from nodes', { kind: 'measure' }],
  ['Subplan Duration', { kind: 'measure' }],
  ['Intermediate Data Size', { kind: 'measure' }],
  ['Result destination', { kind: 'measure' }],
]);

const RANKS: ReadonlyMap<string, number> = new Map([...TEXT_KINDS.keys()].map((key, rank) => [key, rank]));

/** Words that EXPLAIN makes keys and values of, here and in extensions. They tell nothing of a database. */
const PLAIN_WORDS = wordsOf(`
  a actual adaptive affinity after aggregate all allocated alone anti any append arbiter array async average avg
  aware backward batch batches before bernoulli best binary bitmap bitmapand bitmapor block blocks broadcast buckets
  buffers bulk by bytes cache calls capable capacity child children chunk chunks citus columnar columns command cond
  conflict copy cost count cte custom data decompression deform deforming delete deleted depended dependent
  destination direction dirtied disabled disk dist distinct distributed done ds duration during dynamic emission
  estimated estimates evictions exact except excluded exclusion execution expressions external fetches file filter
  final finalize foreign format forward fpi from full function functions gather generation group groupaggregate
  grouping groups hash hashagg hashaggregate hashed hashsetop heap heapsort hit hits i identity in incremental index
  initplan inlining inner insert inserted intermediate intersect into inverted io item jit job jobs join kb key keys
  launched left limit local locally lockrows logical lookup lookups loop loops lossy map materialize max maximum
  member memoize memory merge method methods min misses mixed mixedaggregate mode modifytable motion ms n nested
  network never node nodes none nothing number o of on one only operation optimization options order original outer
  output overflows parallel parent partial partition partitions peak percent plain plan planned planning plans pre
  precision presorted priority progress projectset provider quick quicksort range read received recheck records
  recursive redistribute reduce relationship remote removed repartition replaced result results right router rows
  runtime s sample sampled scan scans searches seconds select selector semi send seq sequence sequential
  serialization set setop sets shard shared shown simple single size skipped slice slices slots sort sorted source
  space spill split startup still storage strategy subplan subplans subquery subqueryscan system table tables target
  task tasks temp text tid time timing to top total transaction transactions trigger triggers tuple tuples
  tuplestore type union unique update updated usage used utility value values vector vectorized volume wal width
  windowagg with work worker workers worktable write written xml xn
`);

/** Never told: the statement, its parameters, and what identifies it; the plan of another server that is no plan. */
const LEFT_OUT = new Set(['Query Text', 'Query Parameters', 'Query Identifier', 'Remote Plan', 'Remote Plans']);

/** What a key's text is, or undefined for one whose text is words of EXPLAIN's own. */
export function textKindOf(key: string): TextKind | undefined {
  return TEXT_KINDS.get(key);
}

/** Where a key stands among those that words are given to; those that need none come last. */
export function rankOf(key: string): number {
  return RANKS.get(key) ?? RANKS.size;
}

/** Is it a key that EXPLAIN or a known extension prints? Any other may be a part of something else, and tell it. */
export function isKnownKey(key: string): boolean {
  return !LEFT_OUT.has(key) && (TEXT_KINDS.has(key) || isPlain(key));
}

/** Does a text consist of words of EXPLAIN's own? Numbers are not. */
export function isPlain(text: string): boolean {
  return /^[A-Za-z /(),.;:-]+$/.test(text) && wordsIn(text);
}

/** A text that may hold numbers as well: `14 bytes`, `Gather Motion 3:1 (slice1; segments: 3)`. */
export function isMeasure(text: string): boolean {
  return (
    /^[A-Za-z0-9 /(),.;:-]+$/.test(text) && wordsIn(text.replaceAll(/(?<![\d.])\d{1,6}(?:\.\d{1,3})?(?![\d.])/g, ''))
  );
}

function wordsIn(text: string): boolean {
  return (text.match(/[A-Za-z0-9]+/g) ?? []).every((word) => PLAIN_WORDS.has(word.toLowerCase()));
}
