import type { Plan, RelationStatistics } from '#contract/plan-model.ts';
import type { ExplainOptions, RollbackNote, SavedPlan } from '#contract/plans.ts';

import type { Database } from '../../postgres/database.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { quoteQualified } from '../../postgres/quote-identifier.ts';
import type {
  SqlParser,
  StatementRange,
  StatementReferences,
  WriteCommand,
  WrittenName,
} from '../../postgres/sql-parser/index.ts';
import { type AuditDraft, outcomeOf } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HistoryService } from '../history/index.ts';
import { redactSecrets } from '../query/index.ts';
import { analyzeInWorker } from './analyze-in-worker.ts';
import { type ExplainSources, runExplain } from './explain-run.ts';
import { relationStatisticsQuery } from './relation-statistics-query.ts';
import { type WriteFacts, outsideExtensions, rollbackNotes, watchedFunctions } from './rollback-notes.ts';
import { writeFactsQuery } from './write-facts-query.ts';

export interface ExplainInput extends ExplainOptions {
  readonly connectionId: string;
  readonly sql: string;
  readonly analyze: boolean;
  readonly parameters: readonly (string | null)[];
  readonly confirmDataChange: boolean;
}

export interface Explained {
  readonly source: string;
  readonly queryText: string;
  readonly savedId: string | null;
  readonly takenAt: string;
  readonly serverVersion: string;
  readonly rolledBack: boolean;
  readonly relations: RelationStatistics[];
  readonly firstRun: { savedId: string | null; executionMs: number | null } | null;
}

export interface Assessment {
  readonly changesData: boolean;
  readonly parameters: number;
  readonly genericPlan: boolean;
  readonly notes: RollbackNote[];
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

  /** The plan of one statement, as the server printed it. Nothing that it does stays, but for what `assess` tells. */
  async explain(input: ExplainInput, signal?: AbortSignal): Promise<Explained> {
    const statement = await this.#statement(input.sql);
    const { text, range, start } = statement;
    const references = await this.#parser.references(text);
    const connection = this.#connections.get(input.connectionId);
    const database = await this.#connections.database(input.connectionId);
    const risks = input.analyze ? await this.#risks(database, range, references, signal) : noRisks;
    if (risks.asks && connection.readOnly)
      throw StewardError.of(
        'refused',
        `EXPLAIN ANALYZE runs this statement, it ${risks.why}, and the connection is read-only`,
        {
          hint: 'EXPLAIN without ANALYZE shows its plan without running it.',
        },
      );
    if (risks.asks && !input.confirmDataChange) throw mustBeConfirmed(risks.why);
    const writes = input.analyze && (range.changesData || input.confirmDataChange) && !connection.readOnly;
    const takenAt = new Date().toISOString();
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
        startedAt: takenAt,
        durationMs: performance.now() - started,
      });
    };
    let sources: ExplainSources;
    try {
      sources = await runExplain(
        database,
        {
          text,
          options: input,
          parameters: input.parameters,
          parameterCount: references.parameters,
          parsed: range.kind !== undefined,
          writes,
        },
        signal,
      );
      audit('done', null);
    } catch (error) {
      // The transaction is never committed: whatever was lost, nothing of it took effect.
      const outcome = outcomeOf(error, signal);
      audit(outcome === 'unknown' ? 'failed' : outcome, toFailure(error).message);
      this.#connections.noteFailure(input.connectionId, error);
      if (
        toFailure(error).postgres?.sqlstate === readOnlyTransaction &&
        input.analyze &&
        !connection.readOnly &&
        !writes
      )
        throw mustBeConfirmed(`does more than read (${toFailure(error).message})`);
      throw placedBehind(error, input.sql.slice(0, start));
    }
    const keep = async (source: string) => {
      // What cannot be read, such as "Query rewrites to nothing", is kept all the same: it may have run for long.
      const [plan] = await analyzeInWorker(source, signal).catch((error: unknown) => {
        if (toFailure(error).code !== 'bad_input') throw error;
        return [];
      });
      const executionMs = plan?.executionMs ?? null;
      const savedId = await this.#history.savePlan({
        connectionId: connection.id,
        connectionName: connection.name,
        database: connection.database,
        sql: redactSecrets(text),
        fingerprint: references.fingerprint,
        serverVersion: database.server.version,
        takenAt,
        analyzed: plan?.analyzed ?? input.analyze,
        executionMs,
        // VERBOSE prints what functions are called with.
        source: redactSecrets(source),
      });
      return { savedId, executionMs, plan };
    };
    const [first = '', second] = sources;
    const before = second === undefined ? null : await keep(first);
    const source = second ?? first;
    const { savedId, plan } = await keep(source);
    const relations = plan === undefined || !input.analyze ? [] : await this.#statisticsOf(database, plan, signal);
    return {
      source,
      queryText: text,
      savedId,
      takenAt,
      serverVersion: database.server.version,
      rolledBack: writes,
      relations,
      firstRun: before === null ? null : { savedId: before.savedId, executionMs: before.executionMs },
    };
  }

  /** What analyzing a statement would do: whether it changes data, what a rollback would leave, which values it needs. */
  async assess(input: { connectionId: string; sql: string }, signal?: AbortSignal): Promise<Assessment> {
    const { text, range } = await this.#statement(input.sql);
    const references = await this.#parser.references(text);
    const database = await this.#connections.database(input.connectionId);
    const { notes } = await this.#risks(database, range, references, signal);
    return {
      changesData: range.changesData,
      parameters: references.parameters,
      genericPlan: database.server.versionNum >= (database.pooling === 'none' ? 120_000 : 160_000),
      notes,
    };
  }

  /** Plans that were kept, newest first: all, or those of statements that differ from `like` in constants only. */
  async history(input: {
    limit: number;
    like?: string | undefined;
    database?: string | undefined;
  }): Promise<SavedPlan[]> {
    const { limit, like, database } = input;
    if (like === undefined) return this.#history.plans({ limit, database });
    const { fingerprint } = await this.#parser.references(like);
    return this.#history.plans({ limit, database, fingerprint });
  }

  /** How old the statistics of what a plan reads are. Nothing where the catalog cannot be asked: the plan is there all the same. */
  async #statisticsOf(database: Database, plan: Plan, signal: AbortSignal | undefined): Promise<RelationStatistics[]> {
    const names = new Set(
      plan.nodes.flatMap(({ schema, relation }) =>
        relation === undefined
          ? []
          : [schema === undefined ? quoteQualified(relation) : quoteQualified(schema, relation)],
      ),
    );
    if (names.size === 0) return [];
    try {
      const rows = await database.reader.rows<RelationStatisticsRow>(relationStatisticsQuery, {
        values: [[...names].slice(0, mostRelations)],
        timeoutMs: statisticsTimeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
      return rows.map(({ analyzed_at: analyzedAt, ...row }) => ({ ...row, analyzedAt }));
    } catch (error) {
      if (signal?.aborted) throw error;
      return [];
    }
  }

  /** What would stay of a statement, and whether that must be agreed to before it runs. */
  async #risks(
    database: Database,
    range: StatementRange,
    references: StatementReferences,
    signal: AbortSignal | undefined,
  ): Promise<Risks> {
    const { changesData } = range;
    if (!changesData && references.functions.length === 0) return noRisks;
    const [row] = await database.reader.rows<WriteFactsRow>(writeFactsQuery, {
      values: [
        references.targets.map(writtenName),
        references.targets.map(({ writes }) => firedBy(writes)),
        references.functions.map(({ name }) => name),
        watchedFunctions,
        outsideExtensions,
      ],
      ...(signal === undefined ? {} : { signal }),
    });
    const facts: WriteFacts = {
      sequences: row?.sequences ?? [],
      triggers: row?.triggers ?? [],
      foreignTables: row?.foreign_tables ?? [],
      functions: row?.functions ?? [],
    };
    const notes = rollbackNotes(changesData, facts);
    const outside = notes.some(({ kind, stays }) => kind === 'outside' && stays);
    return {
      asks: changesData || outside,
      why: changesData ? 'changes data' : 'reaches outside its transaction',
      notes,
    };
  }

  /**
   * The one statement of the text, with the comments before it, which may be hints to the planner. A leading EXPLAIN is
   * blanked out, since its options are chosen here.
   */
  async #statement(sql: string): Promise<{ text: string; range: StatementRange; start: number }> {
    const bare = sql.replace(
      leadingExplain,
      (_, comments: string, explain: string) => comments + ' '.repeat(explain.length),
    );
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
    const start = bare.length - bare.trimStart().length;
    return { text: bare.slice(start, range.end), range, start };
  }
}

/** EXPLAIN with its options, behind comments. */
const leadingExplain =
  /^((?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*)(explain\b(?:\s*\([^)]*\)|(?:\s+(?:analy[sz]e|verbose)\b)*))/i;

const mostRelations = 200;
const statisticsTimeoutMs = 2000;

type RelationStatisticsRow = Omit<RelationStatistics, 'analyzedAt'> & { readonly analyzed_at: string | null };

interface Risks {
  readonly asks: boolean;
  readonly why: string;
  readonly notes: RollbackNote[];
}

const noRisks: Risks = { asks: false, why: '', notes: [] };

/** read_only_sql_transaction: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const readOnlyTransaction = '25006';

interface WriteFactsRow {
  readonly sequences: WriteFacts['sequences'];
  readonly triggers: WriteFacts['triggers'];
  readonly foreign_tables: WriteFacts['foreignTables'];
  readonly functions: WriteFacts['functions'];
}

/** The kinds of triggers that a command fires, as bits of `pg_trigger.tgtype`: 4 INSERT, 8 DELETE, 16 UPDATE. */
function firedBy(writes: readonly WriteCommand[]): number {
  const bits = { insert: 4, delete: 8, update: 16, create: 0 } as const;
  return writes.reduce((all, command) => all | bits[command], 0);
}

function writtenName({ schema, name }: WrittenName): string {
  return schema === undefined ? quoteQualified(name) : quoteQualified(schema, name);
}

function mustBeConfirmed(why: string): StewardError {
  return StewardError.of('conflict', `EXPLAIN ANALYZE runs this statement, and it ${why}`, {
    hint: 'It can run inside a transaction that is rolled back. A rollback does not take back sequence numbers, or what happens outside this database.',
  });
}

/** Positions count from the statement; the reader counts in what was sent. */
function placedBehind(error: unknown, before: string): unknown {
  const failure = toFailure(error);
  const { postgres } = failure;
  if (postgres?.position === undefined) return error;
  const position = postgres.position + Array.from(before).length;
  return new StewardError({ ...failure, postgres: { ...postgres, position } }, { cause: error });
}
