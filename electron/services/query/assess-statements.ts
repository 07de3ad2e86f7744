import type { AssessedStatement } from '#contract/query.ts';

import type { Database } from '../../postgres/database.ts';
import { toFailure } from '../../postgres/failure.ts';
import { quoteQualified } from '../../postgres/quote-identifier.ts';
import type { StatementImpact } from '../../postgres/sql-parser/index.ts';

export interface StatementToAssess {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly impact: StatementImpact;
}

const timeouts = `set local statement_timeout = '5s'; set local lock_timeout = '1s'`;

/**
 * What destructive statements would touch: the planner's estimate of the rows, the relations with their sizes, and the
 * way back. Runs nothing of them: EXPLAIN without ANALYZE, and the catalog, in a read-only transaction.
 */
export async function assessStatements(
  database: Database,
  statements: readonly StatementToAssess[],
  lastBackup: { readonly startedAt: string; readonly verified: boolean } | undefined,
): Promise<AssessedStatement[]> {
  const client = await database.connect({ applicationName: 'steward assess' });
  try {
    const assessed: AssessedStatement[] = [];
    for (const { start, end, text, impact } of statements) {
      const ask = async <Value>(work: () => Promise<Value>): Promise<{ value?: Value; why?: string }> => {
        try {
          await client.query(`begin read only; ${timeouts}; select 1`);
          return { value: await work() };
        } catch (error) {
          return { why: toFailure(error).message };
        } finally {
          await client.query('rollback').catch(() => {});
        }
      };
      const names = impact.relations.map(({ schema, name }) =>
        schema === undefined ? quoteQualified(name) : quoteQualified(schema, name),
      );
      const sizes = await ask(async () => {
        const { rows } = await client.query<{ name: string; rows: number | null; bytes: string | null }>(
          `select n as name, nullif(c.reltuples, -1)::float8 as rows, pg_catalog.pg_total_relation_size(c.oid)::text as bytes
             from unnest($1::text[]) with ordinality as u (n, i)
             left join pg_catalog.pg_class c on c.oid = to_regclass(n) order by i`,
          [names],
        );
        return rows;
      });
      const estimate =
        impact.loss === 'rows'
          ? await ask(async () => {
              const request = { text: `explain (format json) ${text}`, queryMode: 'extended' as const };
              const { rows } = await client.query<{ 'QUERY PLAN': PlanJson[] }>(request);
              return modifiedRows(rows[0]?.['QUERY PLAN'][0]?.Plan);
            })
          : {};
      const allRows = impact.loss === 'all rows' ? sum(sizes.value?.map(({ rows }) => rows)) : null;
      assessed.push({
        start,
        end,
        command: impact.command,
        lock: impact.lock,
        loss: impact.loss,
        everyRow: impact.everyRow,
        cascade: impact.cascade,
        relations: sizes.value ?? names.map((name) => ({ name, rows: null, bytes: null })),
        estimatedRows: estimate.value ?? allRows,
        cannotTell: estimate.why ?? sizes.why ?? null,
        wayBack: wayBack(impact, lastBackup),
      });
    }
    return assessed;
  } finally {
    await client.end().catch(() => {});
  }
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}
interface PlanJson {
  readonly Plan: PlanNode;
}

/** The rows that reach the ModifyTable nodes: what they change, as far as the planner can tell. */
function modifiedRows(root: PlanNode | undefined): number | null {
  let total: number | null = null;
  const open = root ? [root] : [];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node['Node Type'] === 'ModifyTable') {
      for (const child of node.Plans ?? [])
        if (child['Node Type'] !== 'ModifyTable') total = (total ?? 0) + child['Plan Rows'];
    }
    open.push(...(node.Plans ?? []));
  }
  return total;
}

function sum(values: readonly (number | null)[] | undefined): number | null {
  if (!values || values.includes(null)) return null;
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

function wayBack(
  impact: StatementImpact,
  lastBackup: { readonly startedAt: string; readonly verified: boolean } | undefined,
): string {
  const backup = lastBackup
    ? `the last backup by Steward is of ${lastBackup.startedAt}${lastBackup.verified ? ', verified by a restore' : ', not verified'}`
    : 'Steward knows of no backup of this database';
  if (impact.outsideTransaction) return `It cannot be rolled back; ${backup}.`;
  return `Run BEGIN first, and it can be rolled back until COMMIT. After that only a backup brings back what was there; ${backup}.`;
}
