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
  left(activity.query, 1000) as query`;

/** The evidence lines of a session. */
export function sessionEvidence(row: SessionRow): { label: string; value: string }[] {
  const query = (row.query ?? '(hidden)').replaceAll(/\s+/g, ' ').trim();
  return [
    { label: 'User', value: row.user_name || '(hidden)' },
    { label: 'Database', value: row.database_name },
    { label: 'Application', value: row.application || '(none)' },
    { label: 'Statement', value: query.length > 300 ? `${query.slice(0, 300)}…` : query },
  ];
}
