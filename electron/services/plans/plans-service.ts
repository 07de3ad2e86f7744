import type { Plan } from '#contract/plan-model.ts';
import type { PlanChoice, SavedPlan } from '#contract/plans.ts';
import type pg from 'pg';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { transactionSettings } from '../../postgres/connect-parameters.ts';
import { cancellable } from '../../postgres/pg-session.ts';
import type { SqlParser, StatementRange } from '../../postgres/sql-parser/index.ts';
import { type AuditDraft, outcomeOf } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HistoryService } from '../history/index.ts';
import { redactSecrets } from '../query/index.ts';
import { analyzeInWorker, compareInWorker, type ComparedPlans, type PlanSource } from './analyze-in-worker.ts';
import { type ExplainOptions, explainSql } from './explain-sql.ts';

export interface ExplainInput extends ExplainOptions {
  readonly connectionId: string;
  readonly sql: string;
  readonly timeoutMs: number;
  readonly confirmDataChange: boolean;
}

const explainable = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'DeclareCursorStmt',
  'CreateTableAsStmt',
  'ExecuteStmt',
]);

export class PlansService {
  readonly #connections: ConnectionsService;
  readonly #parser: SqlParser;
  readonly #history: HistoryService;
  readonly #audit: (entry: AuditDraft) => void;

  /** `audit` keeps what was run although it changes data, and takes secrets out. */
  constructor(
    connections: ConnectionsService,
    parser: SqlParser,
    history: HistoryService,
    audit: (entry: AuditDraft) => void,
  ) {
    this.#connections = connections;
    this.#parser = parser;
    this.#history = history;
    this.#audit = audit;
  }

  /**
   * The plan of one statement. It always runs in a transaction that is rolled back, on a session of its own,
   * so that nothing it does stays, whatever functions it calls.
   */
  async explain(
    input: ExplainInput,
    signal?: AbortSignal,
  ): Promise<{ plan: Plan; savedId: string | null; rolledBack: boolean }> {
    const { text, range, start } = await this.#statement(input.sql);
    if (input.analyze && range.changesData && !input.confirmDataChange) {
      throw StewardError.of('conflict', 'EXPLAIN ANALYZE runs this statement, and it changes data', {
        hint: 'It can run inside a transaction that is rolled back. A rollback does not take back sequence numbers, or what happens outside this database.',
      });
    }
    const connection = this.#connections.get(input.connectionId);
    if (input.analyze && range.changesData && connection.readOnly) {
      throw StewardError.of(
        'refused',
        'EXPLAIN ANALYZE runs this statement, it changes data, and the connection is read-only',
        {
          hint: 'EXPLAIN without ANALYZE shows its plan without running it.',
        },
      );
    }
    const database = await this.#connections.database(input.connectionId);
    const client = await database.connect({
      settings: input.timeoutMs > 0 ? { statement_timeout: String(input.timeoutMs) } : {},
    });
    const writes = input.analyze && range.changesData;
    const startedAt = new Date().toISOString();
    const started = performance.now();
    const audit = (outcome: AuditDraft['outcome'], error: string | null) => {
      if (!writes) return;
      this.#audit({
        connection: this.#connections.entry(input.connectionId),
        action: 'plan-analyze',
        subject: 'rolled back',
        sql: text,
        outcome,
        error,
        startedAt,
        durationMs: performance.now() - started,
      });
    };
    let source: string;
    try {
      const { server, parameters } = database;
      // A read-only transaction makes the server itself hold a reading statement to reading.
      const settings = database.pooling === 'transaction' ? transactionSettings(parameters) : '';
      await client.query([writes ? 'begin' : 'begin read only', settings, 'select 1'].filter(Boolean).join('; '));
      const command = explainSql(text, input, server.versionNum);
      // The extended protocol takes one statement only: nothing can follow and end the transaction.
      // But parameters without values, which GENERIC_PLAN is for, pass only the simple one: there the parser has counted.
      const request: pg.QueryArrayConfig & { queryMode?: 'extended' } = {
        text: command,
        rowMode: 'array',
        ...(input.genericPlan && range.kind ? {} : { queryMode: 'extended' }),
      };
      const result = await cancellable(client, parameters, signal, () => client.query<[string]>(request));
      source = result.rows.map(([line]) => line).join('\n');
      audit('done', null);
    } catch (error) {
      // The transaction is never committed: whatever was lost, nothing of it took effect.
      const outcome = outcomeOf(error, signal);
      audit(outcome === 'unknown' ? 'failed' : outcome, toFailure(error).message);
      this.#connections.noteFailure(input.connectionId, error);
      throw placedInStatement(error, explainSql('', input, database.server.versionNum), input.sql.slice(0, start));
    } finally {
      await client.query('rollback').catch(() => {});
      await client.end().catch(() => {});
    }
    const [plan] = await this.analyze(source, signal);
    if (!plan) throw new Error('the server printed no plan');
    const savedId = await this.#history.savePlan({
      connectionId: connection.id,
      connectionName: connection.name,
      database: connection.database,
      sql: redactSecrets(text),
      analyzed: plan.analyzed,
      executionMs: plan.executionMs ?? null,
      source,
    });
    return { plan: { ...plan, queryText: text }, savedId, rolledBack: input.analyze && range.changesData };
  }

  /** Reads plans from text of any format. */
  analyze(source: string, signal?: AbortSignal): Promise<Plan[]> {
    if (source.trim() === '')
      throw StewardError.of('bad_input', 'There is nothing to read', { hint: 'Paste the output of EXPLAIN.' });
    return analyzeInWorker(source, signal);
  }

  /** A plan that was kept, with what it was taken from. */
  async saved(id: string, signal?: AbortSignal): Promise<{ saved: SavedPlan; plan: Plan }> {
    const { saved, source } = await this.#history.planSource(id);
    const [plan] = await this.analyze(source, signal);
    if (!plan) throw StewardError.of('not_found', 'This plan cannot be read any more');
    return { saved, plan: saved.sql === null ? plan : { ...plan, queryText: saved.sql } };
  }

  /** Two plans, pasted or kept, and what differs between them. */
  async compare(input: { before: PlanChoice; after: PlanChoice }, signal?: AbortSignal): Promise<ComparedPlans> {
    const [before, after] = await Promise.all([
      this.#chosen('The plan before', input.before),
      this.#chosen('The plan after', input.after),
    ]);
    return compareInWorker(before, after, signal);
  }

  async #chosen(name: string, choice: PlanChoice): Promise<PlanSource> {
    if (choice.kind === 'saved') {
      const { saved, source } = await this.#history.planSource(choice.id);
      return { name, source, number: 1, ...(saved.sql === null ? {} : { queryText: saved.sql }) };
    }
    if (choice.source.trim() === '')
      throw StewardError.of('bad_input', `${name} is empty`, { hint: 'Paste the output of EXPLAIN.' });
    return { name, source: choice.source, number: choice.number };
  }

  /** The one statement of the text; a leading EXPLAIN is taken off, since its options are chosen here. */
  async #statement(sql: string): Promise<{ text: string; range: StatementRange; start: number }> {
    const bare = sql.replace(/^\s*explain\b(?:\s*\([^)]*\)|(?:\s+(?:analy[sz]e|verbose)\b)*)\s*/i, '');
    const { statements, error } = await this.#parser.parse(bare);
    const [range, second] = statements;
    if (!range) throw StewardError.of('bad_input', 'There is no statement to explain');
    if (second)
      throw StewardError.of('bad_input', 'EXPLAIN takes one statement', { hint: 'Select the one to explain.' });
    if (!error && !explainable.has(range.kind ?? '')) {
      throw StewardError.of('bad_input', 'This kind of statement has no plan', {
        hint: 'EXPLAIN takes SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, EXECUTE, DECLARE and CREATE TABLE AS.',
      });
    }
    return { text: bare.slice(range.start, range.end), range, start: sql.length - bare.length + range.start };
  }
}

/** The server counts from the start of the EXPLAIN that was put before the statement; the reader counts in what was sent. */
function placedInStatement(error: unknown, prefix: string, before: string): unknown {
  const failure = toFailure(error);
  const { postgres } = failure;
  if (postgres?.position === undefined) return error;
  const position = Math.max(1, postgres.position - [...prefix].length + [...before].length);
  return new StewardError({ ...failure, postgres: { ...postgres, position } }, { cause: error });
}
