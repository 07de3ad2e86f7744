import { readStatementLength, shownStatement } from '../../shown-statement.ts';

/** What a finding says of a session. */
export interface SessionRow {
  readonly pid: number;
  readonly user_name: string;
  readonly database_name: string;
  readonly application: string;
  readonly query: string | null;
}

/** Columns of `SessionRow`, from `pg_stat_activity as activity`. */
export const sessionColumns = `activity.pid,
  coalesce(quote_ident(activity.usename), '') as user_name,
  coalesce(quote_ident(activity.datname), '') as database_name,
  coalesce(activity.application_name, '') as application,
  left(activity.query, ${readStatementLength}) as query`;

/** The evidence lines of a session. */
export function sessionEvidence(row: SessionRow): { label: string; value: string }[] {
  return [
    { label: 'User', value: row.user_name || '(hidden)' },
    { label: 'Database', value: row.database_name },
    { label: 'Application', value: row.application || '(none)' },
    { label: 'Statement', value: shownStatement(row.query ?? '(hidden)', 300) },
  ];
}
