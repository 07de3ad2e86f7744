export interface ExplainOptions {
  readonly analyze: boolean;
  readonly verbose: boolean;
  readonly settings: boolean;
  readonly wal: boolean;
  readonly genericPlan: boolean;
}

/**
 * The EXPLAIN command for a statement, with what this server's version knows.
 * https://www.postgresql.org/docs/current/sql-explain.html: SETTINGS 12, WAL 13, GENERIC_PLAN 16, SERIALIZE and MEMORY 17.
 */
export function explainSql(statement: string, options: ExplainOptions, versionNum: number): string {
  const parts = [
    ...(options.analyze ? ['analyze', 'buffers'] : []),
    ...(options.verbose ? ['verbose'] : []),
    ...(options.settings && versionNum >= 120_000 ? ['settings'] : []),
    ...(options.analyze && options.wal && versionNum >= 130_000 ? ['wal'] : []),
    ...(!options.analyze && options.genericPlan && versionNum >= 160_000 ? ['generic_plan'] : []),
    'format text',
  ];
  return `explain (${parts.join(', ')})\n${statement}`;
}
