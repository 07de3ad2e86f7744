import { TriangleAlert } from 'lucide-react';

import type { AssessedStatement } from '#contract/query.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { client } from '../../rpc/client.ts';
import { askUser } from '../../ui/ask-dialog.tsx';

import styles from './confirm-destructive.module.css';

/** So many statements are shown one by one. */
const shown = 5;

/** Shows what destructive statements would touch on production, and asks for the database's name. */
export async function confirmDestructive(
  { connectionId, sql }: { readonly connectionId: string; readonly sql: string },
  typedName: string,
): Promise<boolean> {
  const { statements } = await client.query.assess({ connectionId, sql });
  const [first] = statements;
  return askUser({
    title: statements.length === 1 && first ? `${first.command} on production` : 'Destructive statements on production',
    words: (
      <div className={styles['statements']}>
        {statements.slice(0, shown).map((statement) => (
          <Statement key={statement.start} statement={statement} sql={sql} connectionId={connectionId} />
        ))}
        {statements.length > shown && <p>And {statements.length - shown} more.</p>}
      </div>
    ),
    action: 'Run on production',
    danger: true,
    wide: true,
    typedName,
  });
}

function Statement({
  statement,
  sql,
  connectionId,
}: {
  readonly statement: AssessedStatement;
  readonly sql: string;
  readonly connectionId: string;
}) {
  const text = sql.slice(statement.start, statement.end);
  return (
    <section className={styles['statement']} aria-label={statement.command}>
      <SqlBlock sql={text} label="Statement that will run" connectionId={connectionId} maxHeight={160} />
      {statement.everyRow && <Warning>No WHERE: every row is changed.</Warning>}
      {statement.cascade && <Warning>CASCADE: what depends on it goes too.</Warning>}
      {statement.loss === 'unknown' && <Warning>Its text does not tell what it changes.</Warning>}
      <dl className={styles['facts']}>
        <dt>Rows</dt>
        <dd>{rowsWords(statement)}</dd>
        <dt>Lock</dt>
        <dd>{statement.lock ?? 'none on a table'}</dd>
        {statement.relations.map((relation) => (
          <Relation key={relation.name} relation={relation} />
        ))}
        <dt>Way back</dt>
        <dd>{statement.wayBack}</dd>
      </dl>
    </section>
  );
}

function Relation({ relation: { name, rows, bytes } }: { readonly relation: AssessedStatement['relations'][number] }) {
  const parts = [
    rows === null ? null : `about ${formatCount(rows)} rows`,
    bytes === null ? null : formatBytes(Number(bytes)),
  ];
  const words = parts.filter((part) => part !== null).join(', ');
  return (
    <>
      <dt>
        <code>{name}</code>
      </dt>
      <dd>{words || 'not found, or its size cannot be told'}</dd>
    </>
  );
}

function Warning({ children }: { readonly children: React.ReactNode }) {
  return (
    <p className={styles['warning']}>
      <TriangleAlert size={14} aria-hidden />
      {children}
    </p>
  );
}

function rowsWords({ estimatedRows, cannotTell, loss }: AssessedStatement): string {
  if (estimatedRows !== null && loss === 'all rows') return `all of them, about ${formatCount(estimatedRows)}`;
  if (estimatedRows !== null) return `about ${formatCount(estimatedRows)}, as the planner estimates`;
  if (cannotTell !== null) return `cannot tell: ${cannotTell}`;
  return loss === 'definition' ? 'the object itself' : 'cannot tell';
}
