import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import type { JsonObject } from '../raw-plan.ts';
import { stringOf } from '../raw-plan.ts';

const AGGREGATES: Record<string, string> = {
  Plain: 'Aggregate',
  Sorted: 'GroupAggregate',
  Hashed: 'HashAggregate',
  Mixed: 'MixedAggregate',
};
/** The kind of a node as FORMAT TEXT names it: `Partial HashAggregate`, `Hash Left Join`, `Parallel Seq Scan`. */
export function nodeKind(properties: JsonObject): string {
  const parallel = properties['Parallel Aware'] === true ? 'Parallel ' : '';
  const asynchronous = properties['Async Capable'] === true ? 'Async ' : '';
  return `${parallel}${asynchronous}${bareKind(properties)}`;
}

function bareKind(properties: JsonObject): string {
  const type = stringOf(properties['Node Type']) ?? '';
  const strategy = stringOf(properties['Strategy']) ?? '';
  switch (type) {
    case 'Aggregate': {
      const mode = stringOf(properties['Partial Mode']) ?? 'Simple';
      return `${mode === 'Simple' ? '' : `${mode} `}${(Object.hasOwn(AGGREGATES, strategy) ? AGGREGATES[strategy] : undefined) ?? type}`;
    }
    case 'SetOp':
      return `${strategy === 'Hashed' ? 'HashSetOp' : 'SetOp'}${suffixOf(properties['Command'])}`;
    case 'ModifyTable':
      return stringOf(properties['Operation']) ?? type;
    case 'Foreign Scan': {
      const operation = stringOf(properties['Operation']) ?? 'Select';
      return operation === 'Select' ? type : `Foreign ${operation}`;
    }
    case 'Distributed Subplan':
      return `${type}${suffixOf(properties['Distributed Subplan'])}`;
    case 'Custom Scan':
      return properties['Custom Plan Provider'] === undefined
        ? type
        : `${type} (${stringOf(properties['Custom Plan Provider']) ?? ''})`;
    default:
      return joinKind(type, stringOf(properties['Join Type']));
  }
}

function joinKind(type: string, joinType: string | undefined): string {
  if (joinType === undefined || joinType === 'Inner') return type;
  if (type === 'Nested Loop') return `Nested Loop ${joinType} Join`;
  return type.endsWith(' Join') ? `${type.slice(0, -5)} ${joinType} Join` : type;
}

function suffixOf(value: JsonObject[string] | undefined): string {
  return typeof value === 'string' ? ` ${value}` : '';
}

/** The label of a node's first line: kind, index, relation and alias, without the numbers. */
export function nodeLabel(properties: JsonObject): string {
  const type = stringOf(properties['Node Type']) ?? '';
  const index = stringOf(properties['Index Name']);
  const backward = properties['Scan Direction'] === 'Backward' ? ' Backward' : '';
  const kind = `${nodeKind(properties)}${backward}`;
  if (type === 'Bitmap Index Scan') return index === undefined ? kind : `${kind} on ${quoteIdentifier(index)}`;
  return `${kind}${index === undefined ? '' : ` using ${quoteIdentifier(index)}`}${targetOf(properties)}`;
}

/** ` on schema.relation alias`, or nothing. */
export function targetOf(properties: JsonObject): string {
  const name =
    stringOf(properties['Function Name']) ??
    stringOf(properties['Table Function Name']) ??
    stringOf(properties['CTE Name']) ??
    stringOf(properties['Tuplestore Name']) ??
    stringOf(properties['Relation Name']);
  const alias = stringOf(properties['Alias']);
  if (name === undefined) return alias === undefined ? '' : ` on ${quoteIdentifier(alias)}`;
  const schema = stringOf(properties['Schema']);
  const qualified =
    schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  return ` on ${qualified}${alias === undefined || alias === name ? '' : ` ${quoteIdentifier(alias)}`}`;
}
