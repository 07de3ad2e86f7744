import type { RelationDetail } from '#contract/schema.ts';

import { formatCount } from '../../../lib/format-count.ts';

export type RelationPage =
  | 'columns'
  | 'indexes'
  | 'constraints'
  | 'relations'
  | 'triggers'
  | 'policies'
  | 'partitions'
  | 'activity'
  | 'definition'
  | 'rows';

export interface RelationPageItem {
  readonly value: RelationPage;
  readonly label: string;
  readonly count?: string | undefined;
}

/** The parts of a relation's page: those that its kind can have, and of the rare ones those that it has. */
export function pagesOf(relation: RelationDetail): RelationPageItem[] {
  const { kind } = relation;
  const isTable = kind === 'table' || kind === 'partitioned table';
  const hasRows = kind !== 'sequence';
  const counted = (value: RelationPage, label: string, count: number): RelationPageItem => ({
    value,
    label,
    count: count === 0 ? undefined : formatCount(count),
  });
  return [
    ...(hasRows ? [counted('columns', 'Columns', relation.columns.length)] : []),
    ...(isTable || relation.indexes.length > 0 ? [counted('indexes', 'Indexes', relation.indexes.length)] : []),
    ...(isTable || relation.constraints.length > 0
      ? [counted('constraints', 'Constraints', relation.constraints.length)]
      : []),
    ...(isTable ? [counted('relations', 'Relations', relation.references.length + relation.referencedBy.length)] : []),
    ...(relation.triggers.length > 0 ? [counted('triggers', 'Triggers', relation.triggers.length)] : []),
    ...(relation.policies.length > 0 ? [counted('policies', 'Policies', relation.policies.length)] : []),
    ...(relation.partitionList.length > 0 ? [counted('partitions', 'Partitions', relation.partitionList.length)] : []),
    ...(relation.activity === null || !hasRows ? [] : [{ value: 'activity', label: 'Statistics' } as const]),
    { value: 'definition', label: 'Definition' },
    ...(hasRows ? [{ value: 'rows', label: 'Rows' } as const] : []),
  ];
}
