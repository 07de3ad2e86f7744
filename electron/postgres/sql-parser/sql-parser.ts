import { Worker } from 'node:worker_threads';

import { workerFile } from '../worker-file.ts';
import { type ParsedSql, loadSqlParser, parseSql } from './split-statements.ts';
import { type StatementImpact, statementImpact } from './statement-impact.ts';
import { type StatementReferences, statementReferences } from './statement-references.ts';
import { type StatementShape, statementShape } from './statement-shape.ts';

/** Above this many characters parsing may take longer than the host's loop may stand still (0.36 ms per kB). */
const inlineLimit = 20_000;

/** What the worker is asked, and what it answers. */
export interface ParserAnswers {
  readonly parse: ParsedSql;
  readonly references: StatementReferences;
}
export interface ParserTask {
  readonly id: number;
  readonly kind: keyof ParserAnswers;
  readonly sql: string;
}

/** Parses SQL with PostgreSQL's own grammar: short texts at once, long ones in a worker. */
export class SqlParser implements AsyncDisposable {
  #loaded: Promise<void> | undefined;
  #worker: Worker | undefined;
  #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #nextId = 0;

  async parse(sql: string): Promise<ParsedSql> {
    if (sql.length <= inlineLimit) {
      this.#loaded ??= loadSqlParser();
      await this.#loaded;
      return parseSql(sql);
    }
    return this.#ask('parse', sql);
  }

  /** What one statement names, and its fingerprint. */
  async references(sql: string): Promise<StatementReferences> {
    if (sql.length > inlineLimit) return this.#ask('references', sql);
    this.#loaded ??= loadSqlParser();
    await this.#loaded;
    return statementReferences(sql);
  }

  /**
   * What one statement destroys, or undefined. A very long one is not looked into on the host's loop: its effect counts
   * as unknown.
   */
  async impact(sql: string, kind: string | undefined): Promise<StatementImpact | undefined> {
    // A long INSERT is mostly values: only where it may have ON CONFLICT DO UPDATE or a writing WITH is it unknown.
    if (sql.length > inlineLimit && (kind !== 'InsertStmt' || /\b(?:update|delete|merge)\b/i.test(sql))) {
      return {
        command: kind ?? 'Statement',
        relations: [],
        lock: null,
        loss: 'unknown',
        everyRow: false,
        cascade: false,
        outsideTransaction: false,
      };
    }
    if (sql.length > inlineLimit) return undefined;
    this.#loaded ??= loadSqlParser();
    await this.#loaded;
    return statementImpact(sql);
  }

  /** What the outermost SELECT looks like; undefined for other statements and for very long ones. */
  async shape(sql: string): Promise<StatementShape | undefined> {
    if (sql.length > inlineLimit) return undefined;
    this.#loaded ??= loadSqlParser();
    await this.#loaded;
    return statementShape(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask<Kind extends keyof ParserAnswers>(kind: Kind, sql: string): Promise<ParserAnswers[Kind]> {
    const worker = (this.#worker ??= this.#startWorker());
    const id = (this.#nextId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, sql } satisfies ParserTask);
    });
  }

  #startWorker(): Worker {
    const worker = new Worker(workerFile(import.meta.url, 'sql-parser-worker'));
    worker.unref();
    worker.on('message', ({ id, answer }: { id: number; answer: never }) => {
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values())
        reject(error instanceof Error ? error : new Error(String(error)));
      this.#waiting.clear();
    });
    return worker;
  }
}
