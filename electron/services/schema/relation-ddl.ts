import type { RelationDetail } from '#contract/schema.ts';

import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../postgres/quote-identifier.ts';
import type { ColumnRow, PolicyRow, RelationFactsRow, SequenceRow } from './queries/relation-queries.ts';

export interface DdlSource {
  readonly detail: RelationDetail;
  readonly facts: RelationFactsRow;
  readonly columns: readonly ColumnRow[];
  readonly policies: readonly PolicyRow[];
  readonly sequence: SequenceRow | undefined;
}

/** The statements that make a relation again, in an order that runs. Pure. Grants and ownership are left out. */
export function relationDdl(source: DdlSource): string {
  const { detail, facts } = source;
  const statements =
    detail.kind === 'view' || detail.kind === 'materialized view'
      ? [viewStatement(source)]
      : detail.kind === 'sequence'
        ? [sequenceStatement(source)]
        : [tableStatement(source)];
  const name = quoteQualified(detail.schema, detail.name);
  for (const index of detail.indexes) if (index.constraint === null) statements.push(`${index.definition};`);
  for (const trigger of detail.triggers) {
    statements.push(`${trigger.definition};`);
    if (!trigger.enabled) statements.push(`alter table ${name} disable trigger ${quoteIdentifier(trigger.name)};`);
  }
  if (facts.row_security) statements.push(`alter table ${name} enable row level security;`);
  if (facts.force_row_security) statements.push(`alter table ${name} force row level security;`);
  for (const policy of source.policies) statements.push(policyStatement(name, policy));
  if (detail.comment !== null)
    statements.push(
      `comment on ${detail.kind === 'partitioned table' ? 'table' : detail.kind} ${name} is ${quoteLiteral(detail.comment)};`,
    );
  for (const column of detail.columns) {
    if (column.comment !== null)
      statements.push(`comment on column ${name}.${quoteIdentifier(column.name)} is ${quoteLiteral(column.comment)};`);
  }
  return `${statements.join('\n\n')}\n`;
}

function tableStatement({ detail, facts, columns }: DdlSource): string {
  const name = quoteQualified(detail.schema, detail.name);
  const kind =
    detail.kind === 'foreign table'
      ? 'foreign table'
      : facts.persistence === 'u'
        ? 'unlogged table'
        : facts.persistence === 't'
          ? 'temporary table'
          : 'table';
  const options = facts.options?.length ? `\nwith (${facts.options.join(', ')})` : '';
  const partitioned = detail.partitionKey === null ? '' : `\npartition by ${detail.partitionKey}`;
  const constraints = detail.constraints
    .filter((constraint) => constraint.kind !== 'trigger' && constraint.kind !== 'not null')
    .map(
      (constraint) =>
        `  constraint ${quoteIdentifier(constraint.name)} ${constraint.definition.replace(/ NOT VALID$/, '')}`,
    );
  if (detail.partitionOf) {
    const parent = quoteQualified(detail.partitionOf.schema, detail.partitionOf.name);
    return `create ${kind} ${name}\npartition of ${parent} ${detail.partitionOf.bound}${partitioned}${options};`;
  }
  const lines = [...columns.map((column) => `  ${columnLine(column)}`), ...constraints];
  return `create ${kind} ${name} (\n${lines.join(',\n')}\n)${partitioned}${options};`;
}

function columnLine(column: ColumnRow): string {
  const parts = [quoteIdentifier(column.name), column.type];
  if (column.collation !== null) parts.push(`collate ${column.collation}`);
  if (column.generated === 's' || column.generated === 'v') {
    parts.push(`generated always as (${column.default ?? ''}) ${column.generated === 's' ? 'stored' : 'virtual'}`);
  } else if (column.identity !== '') {
    parts.push(`generated ${column.identity === 'a' ? 'always' : 'by default'} as identity`);
  } else if (column.default !== null) {
    parts.push(`default ${column.default}`);
  }
  if (column.not_null) parts.push('not null');
  return parts.join(' ');
}

function viewStatement({ detail, facts }: DdlSource): string {
  const options = facts.options?.length ? ` with (${facts.options.join(', ')})` : '';
  const definition = (detail.viewDefinition ?? '').trim().replace(/;$/, '');
  return `create ${detail.kind} ${quoteQualified(detail.schema, detail.name)}${options} as\n${definition};`;
}

function sequenceStatement({ detail, sequence }: DdlSource): string {
  if (!sequence) return `-- the definition of this sequence cannot be read by this role`;
  const lines = [
    `create sequence ${quoteQualified(detail.schema, detail.name)} as ${sequence.type}`,
    `  start with ${sequence.start}`,
    `  increment by ${sequence.increment}`,
    `  minvalue ${sequence.minimum}`,
    `  maxvalue ${sequence.maximum}`,
    `  cache ${sequence.cache}`,
    `  ${sequence.cycle ? 'cycle' : 'no cycle'}`,
    ...(sequence.owned_by === null ? [] : [`  owned by ${sequence.owned_by}`]),
  ];
  return `${lines.join('\n')};`;
}

function policyStatement(table: string, policy: PolicyRow): string {
  return [
    `create policy ${quoteIdentifier(policy.name)} on ${table}`,
    `  as ${policy.permissive ? 'permissive' : 'restrictive'}`,
    `  for ${policy.command}`,
    `  to ${policy.roles.join(', ')}`,
    ...(policy.using === null ? [] : [`  using (${policy.using})`]),
    ...(policy.check === null ? [] : [`  with check (${policy.check})`]),
  ]
    .join('\n')
    .concat(';');
}
