import type { ExplainOptions } from '#contract/plans.ts';

/**
 * The EXPLAIN command for a statement, with what this server's version knows.
 * https://www.postgresql.org/docs/current/sql-explain.html: SETTINGS 12, WAL 13, GENERIC_PLAN 16, SERIALIZE and MEMORY 17.
 */
export function explainSql(
  statement: string,
  options: ExplainOptions & { readonly analyze: boolean },
  versionNum: number,
): string {
  const { analyze } = options;
  const parts = [
    ...(analyze ? ['analyze', `buffers ${onOff(options.buffers)}`, `timing ${onOff(options.timing)}`] : []),
    ...(options.verbose ? ['verbose'] : []),
    ...(options.settings && versionNum >= 120_000 ? ['settings'] : []),
    ...(analyze && options.wal && versionNum >= 130_000 ? ['wal'] : []),
    ...(!analyze && options.genericPlan && versionNum >= 160_000 ? ['generic_plan'] : []),
    ...(options.memory && versionNum >= 170_000 ? ['memory'] : []),
    ...(analyze && options.serialize !== 'none' && versionNum >= 170_000 ? [`serialize ${options.serialize}`] : []),
    'format text',
  ];
  return `explain (${parts.join(', ')})\n${statement}`;
}

function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}
