import type { RelationDetail } from '#contract/schema.ts';

/** Which columns are in the primary key, and which refer to other tables. */
export function keyColumnsOf(relation: Pick<RelationDetail, 'constraints' | 'references'>): {
  readonly primary: ReadonlySet<string>;
  readonly foreign: ReadonlySet<string>;
} {
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary key');
  return {
    primary: new Set(key === undefined ? [] : keyNames(key.definition)),
    foreign: new Set(relation.references.flatMap((reference) => reference.fromColumns)),
  };
}

/** The column names of `PRIMARY KEY (a, "b c")`, as pg_get_constraintdef writes them. */
export function keyNames(definition: string): string[] {
  const open = definition.indexOf('(');
  const names: string[] = [];
  if (open === -1) return names;
  const part = /\s*(?:"((?:[^"]|"")*)"|([^\s",)]+))\s*([,)])/y;
  part.lastIndex = open + 1;
  for (let match = part.exec(definition); match !== null; match = part.exec(definition)) {
    names.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === ')') break;
  }
  return names;
}
