import type { LogImport, LogPlan, LogReport, LogSample, LogStatement } from '#contract/logs.ts';

import { isConnectionLoss, StewardError, toFailure } from '../../postgres/failure.ts';
import type { StoreKeeper } from '../history/index.ts';
import { redactStatement } from '../query/index.ts';
import type { ReadLog } from './read-log.ts';

/** So many imports are kept. */
const mostKept = 30;
/** So many are kept in memory while the store is away. */
const mostUnkept = 2;
const atOnce = 100;
const mostReason = 300;

export interface StoredLog {
  readonly summary: LogImport;
  readonly report: LogReport;
  readonly statements: ReadLog['statements'];
  readonly plans: ReadLog['plans'];
}

/** Imported logs: in the store, or in memory for as long as Steward runs where the store is away. */
export class LogBook {
  readonly #store: StoreKeeper;
  readonly #logLoss: (what: string, error: unknown) => void;
  readonly #unkept = new Map<string, StoredLog>();

  constructor(store: StoreKeeper, logLoss: (what: string, error: unknown) => void) {
    this.#store = store;
    this.#logLoss = logLoss;
  }

  /** Keeps an import and lets go of the oldest. Answers why the store does not have it; null where it has. */
  async keep(log: StoredLog): Promise<string | null> {
    try {
      const { em, records } = await this.#store.entities();
      await em.transactional(async (transaction) => {
        const { id, connectionId, name, importedAt } = log.summary;
        await transaction.insert(records.LogImportRecord, {
          id,
          connectionId,
          name,
          importedAt: new Date(importedAt),
          summary: log.summary,
          report: log.report,
        });
        for (let at = 0; at < log.statements.length; at += atOnce)
          await transaction.insertMany(
            records.LogStatementRecord,
            log.statements.slice(at, at + atOnce).map(({ statement, samples }) => ({
              importId: id,
              fingerprint: statement.fingerprint,
              totalMs: statement.totalMs,
              statement,
              samples,
            })),
          );
        for (let at = 0; at < log.plans.length; at += 10)
          await transaction.insertMany(
            records.LogPlanRecord,
            log.plans
              .slice(at, at + 10)
              .map(({ plan, source }) => ({ importId: id, number: plan.number, plan, source })),
          );
        const old = await transaction.find(
          records.LogImportRecord,
          {},
          { orderBy: { importedAt: 'desc' }, offset: mostKept, limit: 1000, fields: ['id'] },
        );
        if (old.length > 0)
          await transaction.nativeDelete(records.LogImportRecord, { id: { $in: old.map((record) => record.id) } });
      });
      return null;
    } catch (error) {
      this.#logLoss('the log import', error);
      this.#unkept.set(log.summary.id, {
        ...log,
        summary: { ...log.summary, kept: false },
        report: { ...log.report, kept: false },
      });
      for (const id of [...this.#unkept.keys()].slice(0, -mostUnkept)) this.#unkept.delete(id);
      return whyNotKept(error);
    }
  }

  /** Newest first. Throws `store_unavailable` only where there is nothing in memory either. */
  async list(): Promise<LogImport[]> {
    const unkept = [...this.#unkept.values()].map(({ summary }) => summary);
    try {
      const { em, records } = await this.#store.entities();
      const found = await em.find(
        records.LogImportRecord,
        {},
        { orderBy: { importedAt: 'desc' }, limit: mostKept, fields: ['summary'] },
      );
      return [...unkept, ...found.map(({ summary }) => summary as LogImport)].toSorted((a, b) =>
        b.importedAt.localeCompare(a.importedAt),
      );
    } catch (error) {
      if (unkept.length > 0) return unkept.toReversed();
      throw error;
    }
  }

  async report(id: string): Promise<LogReport> {
    const unkept = this.#unkept.get(id);
    if (unkept) return unkept.report;
    const { em, records } = await this.#store.entities();
    const record = isId(id) ? await em.findOne(records.LogImportRecord, { id }) : null;
    if (!record) throw gone();
    return record.report as LogReport;
  }

  /** By the time that they took, the most first. */
  async statements(id: string): Promise<LogStatement[]> {
    const unkept = this.#unkept.get(id);
    if (unkept) return unkept.statements.map(({ statement }) => statement);
    const { em, records } = await this.#store.entities();
    if (!isId(id)) throw gone();
    const found = await em.find(
      records.LogStatementRecord,
      { importId: id },
      { orderBy: { totalMs: 'desc' }, fields: ['statement'] },
    );
    return found.map(({ statement }) => statement as LogStatement);
  }

  async statement(id: string, fingerprint: string): Promise<{ statement: LogStatement; samples: LogSample[] }> {
    const unkept = this.#unkept.get(id);
    if (unkept) {
      const found = unkept.statements.find(({ statement }) => statement.fingerprint === fingerprint);
      if (!found) throw gone('This statement');
      return found;
    }
    const { em, records } = await this.#store.entities();
    const record = isId(id) ? await em.findOne(records.LogStatementRecord, { importId: id, fingerprint }) : null;
    if (!record) throw gone('This statement');
    return { statement: record.statement as LogStatement, samples: record.samples as LogSample[] };
  }

  /** Runs of a statement in all imports, the newest import first. `prefix`: as pg_query tells it, whatever the names. */
  async samples(
    fingerprint: string,
    prefix: boolean,
    limit: number,
  ): Promise<(LogSample & { importId: string; importName: string })[]> {
    const fits = (candidate: string) =>
      candidate === fingerprint || (prefix && candidate.startsWith(`${fingerprint}-`));
    const found = [...this.#unkept.values()]
      .toReversed()
      .flatMap(({ summary, statements }) =>
        statements
          .filter(({ statement }) => fits(statement.fingerprint))
          .flatMap(({ samples }) =>
            samples.map((sample) => ({ ...sample, importId: summary.id, importName: summary.name })),
          ),
      );
    if (found.length >= limit) return found.slice(0, limit);
    try {
      const { em, records } = await this.#store.entities();
      const rows = await em.find(
        records.LogStatementRecord,
        prefix ? { $or: [{ fingerprint }, { fingerprint: { $like: `${fingerprint}-%` } }] } : { fingerprint },
        { limit: 200 },
      );
      const imports = await em.find(
        records.LogImportRecord,
        { id: { $in: rows.map(({ importId }) => importId) } },
        { orderBy: { importedAt: 'desc' }, fields: ['id', 'name'] },
      );
      for (const { id, name } of imports)
        for (const row of rows)
          if (row.importId === id)
            for (const sample of row.samples as LogSample[]) found.push({ ...sample, importId: id, importName: name });
    } catch (error) {
      if (found.length === 0) throw error;
    }
    return found.slice(0, limit);
  }

  async plan(id: string, number: number): Promise<{ plan: LogPlan; source: string }> {
    const unkept = this.#unkept.get(id);
    if (unkept) {
      const found = unkept.plans.find(({ plan }) => plan.number === number);
      if (!found) throw gone('This plan');
      return found;
    }
    const { em, records } = await this.#store.entities();
    const record = isId(id) ? await em.findOne(records.LogPlanRecord, { importId: id, number }) : null;
    if (!record) throw gone('This plan');
    return { plan: record.plan as LogPlan, source: record.source };
  }

  async remove(id: string): Promise<void> {
    if (this.#unkept.delete(id)) return;
    const { em, records } = await this.#store.entities();
    if (isId(id)) await em.nativeDelete(records.LogImportRecord, { id });
  }
}

/** What the store said, without the details that follow in further lines: those hold values of the log. */
function whyNotKept(error: unknown): string {
  const { code, message } = toFailure(error);
  if (code === 'store_unavailable' || isConnectionLoss(error)) return 'the store is away';
  return `the store refused it: ${redactStatement(message.split('\n', 1)[0] ?? '').slice(0, mostReason)}`;
}

function isId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
}

function gone(what = 'This import'): StewardError {
  return StewardError.of('not_found', `${what} is not kept any more`);
}
