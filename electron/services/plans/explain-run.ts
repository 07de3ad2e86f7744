import type { ExplainOptions } from '#contract/plans.ts';
import type pg from 'pg';

import { type ConnectParameters, transactionSettings } from '../../postgres/connect-parameters.ts';
import type { Database } from '../../postgres/database.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
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
 * whatever functions it calls. Throws what the server throws, its position counted in the statement.
 */
export async function runExplain(database: Database, run: ExplainRun, signal?: AbortSignal): Promise<ExplainSources> {
  const { options } = run;
  const { parameters } = database;
  const own: Record<string, string> = options.timeoutMs > 0 ? { statement_timeout: String(options.timeoutMs) } : {};
  const client = await database.connect({ settings: own, ...(signal === undefined ? {} : { signal }) });
  try {
    // Behind a pooler the settings that a session starts with do not arrive: they go first in the transaction.
    const settings =
      database.pooling === 'transaction'
        ? transactionSettings({ ...parameters, settings: { ...parameters.settings, ...own } })
        : '';
    // A read-only transaction makes the server itself hold a reading statement to reading.
    await client.query([run.writes ? 'begin' : 'begin read only', settings, 'select 1'].filter(Boolean).join('; '));
    const request = await explainRequest(client, database, run, signal);
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

/** What is sent; `prefix` are the words of ours that stand before the statement. */
interface Request {
  readonly query: pg.QueryArrayConfig & { queryMode?: 'extended' };
  readonly prefix: string;
}

async function runOnce(
  client: pg.Client,
  parameters: ConnectParameters,
  { query, prefix }: Request,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const result = await cancellable(client, parameters, signal, () => client.query<[string]>(query));
    return result.rows.map(([line]) => line).join('\n');
  } catch (error) {
    throw placedAfter(error, prefix);
  }
}

async function explainRequest(
  client: pg.Client,
  database: Database,
  run: ExplainRun,
  signal: AbortSignal | undefined,
): Promise<Request> {
  const { text, options, parameters, parameterCount } = run;
  const { versionNum } = database.server;
  const generic = options.genericPlan && !options.analyze && parameterCount > 0;
  if (generic && versionNum < 160_000) return genericRequest(client, database, run, signal);
  if (!generic && parameterCount > parameters.length)
    throw StewardError.of('bad_input', `The statement needs ${values(parameterCount)}`, {
      hint: `Give a value for each of $1 to $${parameterCount}, or ask for the generic plan.`,
    });
  const simple = generic && run.parsed;
  if (simple) await readAsParsed(client);
  return {
    query: {
      text: explainSql(text, options, versionNum),
      rowMode: 'array',
      ...(generic || parameterCount === 0 ? {} : { values: parameters.slice(0, parameterCount) }),
      // The extended protocol takes one statement only: nothing can follow and end the transaction.
      // But parameters without values, which GENERIC_PLAN is for, pass only the simple one: there the parser has counted.
      ...(simple ? {} : { queryMode: 'extended' }),
    },
    prefix: explainSql('', options, versionNum),
  };
}

/** Before GENERIC_PLAN: a prepared statement whose plan must not look at its values. plan_cache_mode came with 12. */
async function genericRequest(
  client: pg.Client,
  database: Database,
  run: ExplainRun,
  signal: AbortSignal | undefined,
): Promise<Request> {
  if (database.server.versionNum < 120_000 || database.pooling !== 'none' || !run.parsed)
    throw StewardError.of('bad_input', 'This server gives no generic plan', {
      hint: 'It takes PostgreSQL 12, and a session that no pooler hands out. Give values for the parameters instead.',
    });
  await readAsParsed(client);
  const prefix = `prepare ${genericName} as `;
  try {
    await cancellable(client, database.parameters, signal, () => client.query(`${prefix}${run.text}`));
  } catch (error) {
    throw placedAfter(error, prefix);
  }
  await client.query('set local plan_cache_mode = force_generic_plan');
  const nulls = Array.from({ length: run.parameterCount }, () => 'null').join(', ');
  const execute = `execute ${genericName} (${nulls})`;
  return {
    query: {
      text: explainSql(execute, run.options, database.server.versionNum),
      rowMode: 'array',
      queryMode: 'extended',
    },
    prefix: '',
  };
}

/**
 * The parser counts statements as a server does that takes a backslash in a string for itself. Where a server, a role or
 * an option says otherwise, `'\''; drop …` is one statement to the parser and two to the server.
 */
async function readAsParsed(client: pg.Client): Promise<void> {
  await client.query('set local standard_conforming_strings = on');
}

/** The server counts from the start of what was sent; the reader counts in the statement. */
function placedAfter(error: unknown, prefix: string): unknown {
  const failure = toFailure(error);
  const { postgres } = failure;
  if (postgres?.position === undefined) return error;
  const position = Math.max(1, postgres.position - Array.from(prefix).length);
  return new StewardError({ ...failure, postgres: { ...postgres, position } }, { cause: error });
}

function values(count: number): string {
  return count === 1 ? 'a value' : `${count} values`;
}
