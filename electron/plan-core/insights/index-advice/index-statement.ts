import type { PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { stringOf } from '../../raw-plan.ts';
import type { PlanContext } from '../plan-context.ts';
import type { ConditionPart } from './condition-parts.ts';
import { readCondition } from './condition-parts.ts';
import type { ScanGroup } from './partitions.ts';

/** An index that would serve a scan. */
export type IndexAdvice = {
  /** One or more statements, each on a line of its own, as they can be run. */
  readonly sql: string;
  /** What has to be known about them: how the condition must be written, where the index belongs. */
  readonly notes: readonly string[];
};

type IndexShape = {
  readonly method: 'btree' | 'gin' | 'gist';
  readonly keys: readonly string[];
  readonly where: readonly string[];
  readonly isTrigram: boolean;
};

/** More columns than that are wider than they are useful. */
const MOST_KEYS = 4;
/** Statements for more partitions than that are none to read through. */
const MOST_PARTITIONS = 8;

/**
 * The index that serves conditions of a scan: equality first, then the order wanted, else a range.
 * @param keys names of the conditions, in order; the last is the one that must gain by it
 * @param order sort keys of the node above, as CREATE INDEX takes them
 * @returns undefined where the relation can have no index, or what it could hold cannot be told with certainty
 */
export function adviseIndex(
  context: PlanContext,
  group: ScanGroup,
  keys: readonly string[],
  order: readonly string[] = [],
): IndexAdvice | undefined {
  const { lead } = group;
  const wanted = stringOf(lead.properties[keys.at(-1) ?? '']);
  if (!canBeIndexed(lead)) return undefined;
  const partsOf = (key: string): ConditionPart[] => {
    const condition = stringOf(lead.properties[key]);
    return condition === undefined ? [] : readCondition(condition, lead.alias ?? lead.relation);
  };
  if (
    wanted !== undefined &&
    partsOf(keys.at(-1) ?? '').every(({ kind }) => kind === 'other' || kind === 'cast') &&
    order.length === 0
  )
    return undefined;
  return render(context, group, keys.flatMap(partsOf), order);
}

/** The index for parts of a condition that stands elsewhere, such as on a join. */
export function adviseIndexFor(
  context: PlanContext,
  group: ScanGroup,
  parts: readonly ConditionPart[],
): IndexAdvice | undefined {
  return canBeIndexed(group.lead) ? render(context, group, parts, []) : undefined;
}

/** Not a function, CTE or foreign table, a catalog, or a temporary table, which is gone before the index pays. */
export function canBeIndexed(node: PlanNode): boolean {
  if (node.relation === undefined || node.nodeType === 'Foreign Scan' || node.nodeType === 'ModifyTable') return false;
  if (node.schema === undefined ? node.relation.startsWith('pg_') : /^(?:pg_|information_schema$)/.test(node.schema))
    return false;
  const { localHit = 0, localRead = 0 } = node.totalBuffers ?? {};
  return localHit + localRead === 0;
}

function render(
  context: PlanContext,
  group: ScanGroup,
  given: readonly ConditionPart[],
  order: readonly string[],
): IndexAdvice | undefined {
  const notes: string[] = [];
  const parts = given.map((part) => {
    if (part.kind !== 'rewritten') return part;
    notes.push(`Write the condition as ${part.rewrite}, so that the index serves it.`);
    return part.part;
  });
  const shapes = shapesOf(parts, order);
  if (shapes.length === 0) return undefined;
  if (shapes.length > 1) notes.push('One index for each side of the OR: a BitmapOr combines them.');
  if (isGuess(parts, shapes))
    notes.push(
      'Part of the filter can be in no index: if it is that part which removes most of the rows, this index does not help.',
    );
  const owners = group.isPartition && group.parent === undefined ? group.nodes.slice(0, MOST_PARTITIONS) : [group.lead];
  const statements = owners.flatMap((owner) => shapes.map((shape) => statementOf(group, owner, shape)));
  if (shapes.some(({ isTrigram }) => isTrigram)) statements.unshift('create extension if not exists pg_trgm;');
  if (group.isPartition) {
    const { parent } = group;
    notes.push(
      parent === undefined
        ? `${group.lead.relation ?? ''} looks like a partition: the same index belongs on the partitioned table, so that all partitions have it.`
        : `The index belongs on the partitioned table. CREATE INDEX CONCURRENTLY is not possible there; to keep writers running, create it with ON ONLY, then concurrently on each partition, and attach those.`,
    );
  }
  const literal = parts.find((part) => part.kind === 'equal' && part.literal !== undefined);
  if (literal?.kind === 'equal' && shapes.length === 1 && shapes[0]?.where.length === 0)
    notes.push(
      `If it is always ${literal.key.sql} = ${literal.literal ?? ''}, a partial index with that in WHERE is smaller.`,
    );
  return { sql: statements.join('\n'), notes };
}

/** A range with one open end may keep nearly everything, and what it stands beside is unknown. */
function isGuess(parts: readonly ConditionPart[], [shape]: readonly IndexShape[]): boolean {
  const isOpenRange = parts.some((part) => part.kind === 'range' && shape?.keys.join() === part.key.sql);
  return isOpenRange && parts.some(({ kind }) => kind === 'other' || kind === 'cast' || kind === 'either');
}

function statementOf(group: ScanGroup, owner: PlanNode, { method, keys, where }: IndexShape): string {
  const onParent = group.isPartition && group.parent !== undefined;
  const relation = onParent ? qualify(group.lead.schema, group.parent) : relationName(owner);
  const using = method === 'btree' ? '' : `using ${method} `;
  const predicate = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
  return `create index ${onParent ? '' : 'concurrently '}on ${relation} ${using}(${keys.join(', ')})${predicate};`;
}

function shapesOf(parts: readonly ConditionPart[], order: readonly string[]): IndexShape[] {
  const shape = shapeOf(parts, order);
  // Beside an OR a range alone may keep nearly everything: such are conditions that follow from the OR.
  const isRangeOnly = parts.every(({ kind }) => kind === 'range' || kind === 'either');
  const either = shape === null || isRangeOnly ? shapesOfEither(parts) : [];
  return either.length > 0 || shape === null ? either : [shape];
}

function shapesOfEither(parts: readonly ConditionPart[]): IndexShape[] {
  const either = parts.find((part) => part.kind === 'either');
  if (either?.kind !== 'either') return [];
  const arms = either.arms.map((arm) => shapeOf(arm.map(inArm), []));
  // A side without an index reads the whole table, whatever the other one has.
  if (!arms.every((arm) => arm !== null)) return [];
  return [...new Map(arms.map((arm) => [JSON.stringify(arm), arm])).values()];
}

/** `a = 1 OR a IS NULL` is served by one plain index. */
function inArm(part: ConditionPart): ConditionPart {
  if (part.kind === 'flag') return { kind: 'equal', key: part.key, isJoin: false };
  return part.kind === 'rewritten' ? { kind: 'other' } : part;
}

function shapeOf(parts: readonly ConditionPart[], order: readonly string[]): IndexShape | null {
  const of = <Kind extends ConditionPart['kind']>(kind: Kind): Extract<ConditionPart, { kind: Kind }>[] =>
    parts.filter((part): part is Extract<ConditionPart, { kind: Kind }> => part.kind === kind);
  const flags = of('flag');
  const where = unique(flags.map(({ predicate }) => predicate));
  const [contains] = of('contains');
  if (contains && order.length === 0)
    return { method: contains.method, keys: [contains.key.sql], where, isTrigram: false };
  // The condition that is to gain stands last.
  const equal = unique(of('equal').map(({ key }) => key.sql)).slice(-MOST_KEYS);
  const listed = unique(of('list').map(({ key }) => key.sql));
  const btree = (keys: readonly string[]): IndexShape => ({ method: 'btree', keys, where, isTrigram: false });
  const ranges = of('range').map(({ key }) => key.sql);
  const keys = unique([...equal, ...listed]).slice(-MOST_KEYS);
  const last =
    of('row')[0]?.keys.map(({ sql }) => sql) ??
    closedRangeOf(ranges) ??
    of('prefix').map(({ key }) => key.sql)[0] ??
    ranges[0] ??
    [];
  const all = unique([...keys, ...(typeof last === 'string' ? [last] : last)]);
  const columnOf = (key: string): string => key.replace(/(?: desc)?(?: nulls (?:first|last))?$/, '');
  // In the order alone, a selective condition on another column would be looked for row by row.
  const isOrderUseful = equal.length > 0 || parts.length === 0 || ranges.includes(columnOf(order[0] ?? ''));
  if (order.length > 0 && (isOrderUseful || all.length === 0))
    return btree([...equal, ...order.filter((key) => !equal.includes(columnOf(key)))]);
  if (all.length > 0) return btree(all);
  const [trigram] = of('trigram');
  if (trigram) return { method: 'gin', keys: [trigram.key.sql], where, isTrigram: true };
  const [flag] = flags;
  return flag ? btree([flag.key.sql]) : null;
}

/** Only one column can be read as a range; one with both ends is the narrowest. */
function closedRangeOf(columns: readonly string[]): string | undefined {
  return columns.find((column, place) => columns.indexOf(column) !== place);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** The relation of a node, qualified where the plan tells the schema. */
export function relationName(node: PlanNode): string {
  return qualify(node.schema, node.relation);
}

function qualify(schema: string | undefined, name: string | undefined): string {
  const relation = quoteIdentifier(name ?? '');
  return schema === undefined ? relation : `${quoteIdentifier(schema)}.${relation}`;
}
