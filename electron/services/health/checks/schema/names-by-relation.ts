import { nameList } from './fold-by-schema.ts';
import type { RelationRow } from './relations.ts';

/** A relation whose own name, or some of whose columns' names, match a condition. Names as they are, not quoted. */
export interface MatchingNames {
  readonly relation_oid: number;
  readonly schema_name: string;
  readonly relation_name: string;
  readonly bare_name: string;
  readonly own_name_matches: boolean;
  readonly columns: readonly string[];
}

/** The relations with a name that matches. */
export function matchingNames(rows: readonly RelationRow[], matches: (name: string) => boolean): MatchingNames[] {
  return rows.flatMap((row) => {
    const found: MatchingNames = {
      relation_oid: Number(row.relation_oid),
      schema_name: row.schema_name,
      relation_name: row.relation_name,
      bare_name: row.bare_name,
      own_name_matches: matches(row.bare_name),
      columns: row.columns.map(([, name]) => name).filter(matches),
    };
    return found.own_name_matches || found.columns.length > 0 ? [found] : [];
  });
}

/** What matches, in words: `its name and columns a, b`. */
export function whatMatches(row: Pick<MatchingNames, 'own_name_matches' | 'columns'>): string {
  const parts = [
    ...(row.own_name_matches ? ['its name'] : []),
    ...(row.columns.length > 0
      ? [`${row.columns.length === 1 ? 'column' : 'columns'} ${nameList(row.columns, 6)}`]
      : []),
  ];
  return parts.join(' and ');
}
