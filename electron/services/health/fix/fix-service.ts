import { randomUUID } from 'node:crypto';

import type { Connection } from '#contract/connections.ts';
import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';
import type { AppliedFix, BlockingSession, FixPreview, FixRequest } from '#contract/health.ts';
import type { Job } from '#contract/jobs.ts';
import { catalogOnly } from '../../../postgres/catalog-reader.ts';
import { StewardError, toFailure } from '../../../postgres/failure.ts';
import type { SqlParser } from '../../../postgres/sql-parser/index.ts';
import type { AuditDraft } from '../../audit/index.ts';
import { type ConnectionsService, targetOf } from '../../connections/index.ts';
import type { JobsService } from '../../jobs/index.ts';
import { formatDuration } from '../format-values.ts';
import type { HealthBook } from '../health-book.ts';
import type { HealthRules } from '../health-rules.ts';
import { runHealthReport } from '../run-health-report.ts';
import { holdersOf } from './blocking-sessions.ts';
import { estimateStep, type FixedRelation, type FixStep, fixSteps } from './fix-steps.ts';
import { runFix } from './run-fix.ts';
import type { StepPatience } from './run-steps.ts';
import { strangerInUndo } from './undo-targets.ts';

export interface FixServiceOptions {
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly parser: SqlParser;
  readonly book: HealthBook;
  readonly rules: HealthRules;
  /** Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  readonly log: (what: string, error: unknown) => void;
  readonly patience?: StepPatience;
}

/**
 * Applies the fixes that checks propose. Only SQL that a check of this server says right now is run: what the window
 * sends is compared, never executed.
 */
export class FixService {
  readonly #options: FixServiceOptions;

  constructor(options: FixServiceOptions) {
    this.#options = options;
  }

  async preview(request: FixRequest, signal?: AbortSignal): Promise<FixPreview> {
    const connection = this.#options.connections.get(request.connectionId);
    const { check, finding, fixSql } = await this.#found(request, signal);
    const steps = await this.#steps(fixSql);
    const { relation, blocking, blockingUnsure } = await this.#surroundings(request.connectionId, finding, signal);
    return {
      title: check.title,
      finding,
      statements: steps.map((step) => ({
        sql: step.sql,
        outsideTransaction: step.outsideTransaction,
        estimate: estimateStep(step, relation),
      })),
      undoSql: finding.undoSql ?? null,
      lock: finding.lock ?? null,
      caution: finding.caution ?? null,
      blocking,
      blockingUnsure,
      refusal: connection.readOnly
        ? `“${connection.name}” is held to reading. Allow writes on the connection first.`
        : null,
      typedName: connection.environment === 'production' ? connection.database : null,
    };
  }

  /** Asks the check again and applies its fix as a job; then the check is asked once more. */
  async apply(request: FixRequest & { confirmation?: string | undefined }): Promise<Job> {
    const connection = this.#allowed(request.connectionId, request.confirmation);
    const { check, finding, fixSql } = await this.#found(request);
    const steps = await this.#steps(fixSql);
    return this.#options.jobs.start(
      { kind: 'fix', title: `${check.title}: ${finding.object}`, connectionId: connection.id },
      async (job) => {
        const subject = `${check.id}: ${finding.object}`;
        const tookMs = await runFix(
          this.#options,
          {
            connection,
            steps,
            sql: fixSql,
            action: 'health-fix',
            subject,
            // What is done in part can be taken back as well.
            onPartial: (why) => this.#keep(connection, check, finding, fixSql, `Done in part: ${why}`),
          },
          job,
        );
        job.progress('Asking the check again');
        const outcome = await this.#askAgain(request, check, finding, job.signal);
        await this.#keep(connection, check, finding, fixSql, outcome);
        return `Done in ${formatDuration(tookMs)}. ${outcome}`;
      },
    ).job;
  }

  /** Runs the kept way back of a fix as a job. */
  async undo(input: { id: string; confirmation?: string | undefined }): Promise<Job> {
    const fix = await this.#options.book.fix(input.id);
    const { undoSql, connectionId } = fix;
    if (undoSql === null) throw StewardError.of('refused', 'This fix has no way back that SQL could go');
    if (fix.undoneAt !== null) throw StewardError.of('conflict', 'This fix is taken back already');
    if (connectionId === null) throw StewardError.of('not_found', 'The connection of this fix does not exist any more');
    const connection = this.#allowed(connectionId, input.confirmation);
    if (fix.target !== targetOf(connection))
      throw StewardError.of(
        'conflict',
        `This fix was applied to ${fix.target}, and the connection leads elsewhere now`,
      );
    const steps = await this.#steps(undoSql);
    await this.#refuseStrangers(connectionId, fix.fixSql, steps);
    return this.#options.jobs.start(
      { kind: 'fix', title: `Take back ${fix.check}: ${fix.object}`, connectionId },
      async (job) => {
        const subject = `${fix.check}: ${fix.object}`;
        const tookMs = await runFix(
          this.#options,
          { connection, steps, sql: undoSql, action: 'health-undo', subject },
          job,
        );
        await this.#options.book.markUndone(fix.id).catch((error: unknown) => {
          this.#options.log('that a fix was taken back', error);
        });
        return `Taken back in ${formatDuration(tookMs)}.`;
      },
    ).job;
  }

  /** A connection that may be written to, with its database's name typed on production. */
  #allowed(connectionId: string, confirmation: string | undefined): Connection {
    const connection = this.#options.connections.writable(connectionId, 'Applying a fix');
    if (connection.environment === 'production' && confirmation !== connection.database) {
      throw new StewardError({
        code: 'needs_answer',
        message: `A fix on production: type the name of the database, ${connection.database}, to run it`,
        retryable: false,
        question: { kind: 'destructive', typedName: connection.database, commands: ['FIX'] },
      });
    }
    return connection;
  }

  async #found(
    request: FixRequest,
    signal?: AbortSignal,
  ): Promise<{ check: HealthCheckResult; finding: HealthFinding; fixSql: string }> {
    const check = await this.#ask(request, signal);
    if (check.status === 'skipped' || check.status === 'error')
      throw StewardError.of('conflict', `${check.title} cannot be answered now: ${check.reason ?? ''}`);
    const finding = check.findings.find((one) => one.object === request.object && one.fixSql === request.fixSql);
    if (finding?.fixSql === undefined)
      throw StewardError.of('conflict', whyNotFound(check, request.object), { hint: 'Run the report again.' });
    return { check, finding, fixSql: finding.fixSql };
  }

  async #ask(request: Pick<FixRequest, 'connectionId' | 'check'>, signal?: AbortSignal): Promise<HealthCheckResult> {
    const reader = catalogOnly(await this.#options.connections.reader(request.connectionId));
    const report = await runHealthReport([reader], {
      only: [request.check],
      thresholds: this.#options.rules.thresholds,
      most: Infinity,
      ...(signal ? { signal } : {}),
    });
    const [check] = report.checks;
    if (check === undefined) throw StewardError.of('not_found', `There is no check ${request.check}`);
    return check;
  }

  async #steps(sql: string): Promise<FixStep[]> {
    const { statements, error } = await this.#options.parser.parse(sql);
    if (error !== null) throw StewardError.of('refused', `This fix is no SQL that can be run: ${error.message}`);
    return fixSteps(statements.map(({ start, end }) => sql.slice(start, end)));
  }

  async #surroundings(
    connectionId: string,
    finding: HealthFinding,
    signal?: AbortSignal,
  ): Promise<{ relation: FixedRelation | undefined; blocking: BlockingSession[]; blockingUnsure: string | null }> {
    const { relationOid } = finding;
    if (relationOid === undefined) return { relation: undefined, blocking: [], blockingUnsure: null };
    const reader = catalogOnly(await this.#options.connections.reader(connectionId));
    const options = { timeoutMs: 5000, ...(signal ? { signal } : {}) };
    const [row] = await reader.rows<{ table_oid: string; table_bytes: string; index_bytes: string; sees: boolean }>(
      relationSql,
      { ...options, values: [relationOid] },
    );
    if (row === undefined) return { relation: undefined, blocking: [], blockingUnsure: null };
    return {
      relation: { tableBytes: Number(row.table_bytes), indexBytes: Number(row.index_bytes) },
      blocking: await holdersOf(Number(row.table_oid), reader, options),
      blockingUnsure: row.sees ? null : 'What sessions of other users run is hidden without pg_monitor.',
    };
  }

  async #askAgain(
    request: FixRequest,
    before: HealthCheckResult,
    finding: HealthFinding,
    signal: AbortSignal,
  ): Promise<string> {
    try {
      return outcomeOfFix(before, finding, await this.#ask(request, signal));
    } catch (error) {
      return `The check could not be asked again: ${toFailure(error).message}`;
    }
  }

  /** What a fix made may have been dropped since, and its name taken by what is somebody else's. */
  async #refuseStrangers(connectionId: string, fixSql: string, undo: readonly FixStep[]): Promise<void> {
    const reader = catalogOnly(await this.#options.connections.reader(connectionId));
    const stranger = await strangerInUndo(await this.#steps(fixSql), undo, reader);
    if (stranger !== undefined)
      throw StewardError.of('conflict', `${stranger.name} is not what this fix has made: it is ${stranger.is}`, {
        hint: 'The way back would drop it. Take back by hand what of the fix is still there.',
      });
  }

  async #keep(
    connection: Connection,
    check: HealthCheckResult,
    finding: HealthFinding,
    fixSql: string,
    outcome: string,
  ): Promise<void> {
    const fix: AppliedFix = {
      id: randomUUID(),
      connectionId: connection.id,
      database: connection.database,
      check: check.id,
      object: finding.object,
      fixSql,
      undoSql: finding.undoSql ?? null,
      appliedAt: new Date().toISOString(),
      outcome,
      undoneAt: null,
    };
    await this.#options.book.keepFix(fix, targetOf(connection)).catch((error: unknown) => {
      this.#options.log('a fix', error);
    });
  }
}

/** Run on PostgreSQL 13 to 18. The table of a relation, with its sizes. */
const relationSql = `
select
  table_class.oid::int8 as table_oid,
  (
    select coalesce(sum(pg_catalog.pg_table_size(tree.relid)), 0)
    from pg_catalog.pg_partition_tree(table_class.oid) as tree
    where tree.isleaf
  ) + case when table_class.relkind in ('r', 'm') and not table_class.relispartition then pg_catalog.pg_table_size(table_class.oid) else 0 end as table_bytes,
  case when table_class.relkind in ('r', 'm') then pg_catalog.pg_indexes_size(table_class.oid) else 0 end as index_bytes,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees
from pg_catalog.pg_class as relation
left join pg_catalog.pg_index as ind on ind.indexrelid = relation.oid
join pg_catalog.pg_class as table_class on table_class.oid = coalesce(ind.indrelid, relation.oid)
where relation.oid = $1::oid`;

/** Why what the window asks to fix is not among the findings of now. */
function whyNotFound(check: HealthCheckResult, object: string): string {
  if (check.findings.some((one) => one.object === object)) return `What would fix ${object} is not the same any more`;
  return `${check.title} does not find ${object} any more`;
}

/** How a check that is asked again after a fix has gone. */
function outcomeOfFix(before: HealthCheckResult, fixed: HealthFinding, after: HealthCheckResult): string {
  const ofObject = (check: HealthCheckResult) => check.findings.filter(({ object }) => object === fixed.object);
  const same = ofObject(after).find(({ fixSql }) => fixSql === fixed.fixSql);
  if (same !== undefined) return `${after.id} still finds it: ${same.message}`;
  if (after.status !== 'ok' && after.status !== 'finding')
    return `${after.id} cannot be answered now: ${after.reason ?? ''}`;
  // A fix of several parts gets shorter with each that is done. Other findings of the object were there before.
  const others = new Set(ofObject(before).map(({ fixSql }) => fixSql));
  const part = ofObject(after).find(({ fixSql }) => !others.has(fixSql));
  if (part !== undefined) return `${after.id} still finds part of it: ${part.message}`;
  return `${after.id} does not find it any more.`;
}
