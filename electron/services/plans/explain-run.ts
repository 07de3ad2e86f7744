import type { ExplainOptions } from '#contract/plans.ts';
import type pg from 'pg';

import { type ConnectParameters, transactionSettings } from '../../postgres/connect-parameters.ts';
import type { Database } from '../../postgres/database.ts';
import { StewardError } from '../../postgres/failure.ts';
import { cancellable } from '../../postgres/pg-session.ts';
import { explainSql } from './explain-sql.ts';

/** One statement, ready to be explained. */
export interface ExplainRun {
  readonly text: string;
  readonly options: ExplainOptions & { readonly analyze: boolean };
  readonly parameters: readonly (string | null)[];
  /** How many values the statement needs. */
  readonly parameterCount: number;
  /** PostgreSQL's parser took it for one statement: it may go the way on which several could. */
  readonly parsed: boolean;
  readonly writes: boolean;
}

/** What the server printed for each run: two with `warm`. */
export type ExplainSources = readonly string[];

const genericName = 'steward_generic';

/**
 * Explains a statement on a session of its own, inside a transaction that is rolled back, so that nothing it does stays,
 * whatever functions it calls. Throws what the server throws.
 */
export async function runExplain(database: Database, run: ExplainRun, signal?: AbortSignal): Promise<ExplainSources> {
  const { options } = run;
  const client = await database.connect({
    settings: options.timeoutMs > 0 ? { statement_timeout: String(options.timeoutMs) } : {},
  });
  try {
    const { parameters } = database;
    // A read-only transaction makes the server itself hold a reading statement to reading.
    const settings = database.pooling === 'transaction' ? transactionSettings(parameters) : '';
    await client.query([run.writes ? 'begin' : 'begin read only', settings, 'select 1'].filter(Boolean).join('; '));
    const request = await explainRequest(client, database, run);
    const once = () => runOnce(client, parameters, request, signal);
    if (!options.analyze || !options.warm) return [await once()];
    // The first run warms the caches; its changes are taken back, so that the second does the same work.
    await client.query('savepoint steward_warm');
    const first = await once();
    await client.query('rollback to savepoint steward_warm');
    return [first, await once()];
  } finally {
    await client.query('rollback').catch(() => {});
    await client.end().catch(() => {});
  }
}

type Request = pg.QueryArrayConfig & { queryMode?: 'extended' };

async function runOnce(
  client: pg.Client,
  parameters: ConnectParameters,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<string> {
  const result = await cancellable(client, parameters, signal, () => client.query<[string]>(request));
  return result.rows.map(([line]) => line).join('\n');
}

async function explainRequest(client: pg.Client, database: Database, run: ExplainRun): Promise<Request> {
  const { text, options, parameters, parameterCount } = run;
  const { versionNum } = database.server;
  const generic = options.genericPlan && !options.analyze && parameterCount > 0;
  if (generic && versionNum < 160_000) return genericRequest(client, database, run);
  if (!generic && parameterCount > parameters.length)
    throw StewardError.of('bad_input', `The statement needs ${values(parameterCount)}`, {
      hint: `Give a value for each of $1 to $${parameterCount}, or ask for the generic plan.`,
    });
  return {
    text: explainSql(text, options, versionNum),
    rowMode: 'array',
    ...(generic || parameterCount === 0 ? {} : { values: parameters.slice(0, parameterCount) }),
    // The extended protocol takes one statement only: nothing can follow and end the transaction.
    // But parameters without values, which GENERIC_PLAN is for, pass only the simple one: there the parser has counted.
    ...(generic && run.parsed ? {} : { queryMode: 'extended' }),
  };
}

/** Before GENERIC_PLAN: a prepared statement whose plan must not look at its values. plan_cache_mode came with 12. */
async function genericRequest(client: pg.Client, database: Database, run: ExplainRun): Promise<Request> {
  if (database.server.versionNum < 120_000 || database.pooling !== 'none' || !run.parsed)
    throw StewardError.of('bad_input', 'This server gives no generic plan', {
      hint: 'It takes PostgreSQL 12, and a session that no pooler hands out. Give values for the parameters instead.',
    });
  await client.query(`prepare ${genericName} as ${run.text}`);
  await client.query('set local plan_cache_mode = force_generic_plan');
  const nulls = Array.from({ length: run.parameterCount }, () => 'null').join(', ');
  const execute = `execute ${genericName} (${nulls})`;
  return {
    text: explainSql(execute, run.options, database.server.versionNum),
    rowMode: 'array',
    queryMode: 'extended',
  };
}

function values(count: number): string {
  return count === 1 ? 'a value' : `${count} values`;
}
