import type { Connection } from '#contract/connections.ts';

import type { HistoryService } from '../history/index.ts';

/** Something that Steward did on a server and that may have changed it. */
export interface AuditDraft {
  readonly connection: Pick<Connection, 'id' | 'name' | 'host' | 'port' | 'database' | 'user'>;
  /** `query`, `migration up`, `restore`, … */
  readonly action: string;
  /** Secrets taken out by the caller. */
  readonly sql: string | null;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly error: string | null;
  readonly durationMs: number | null;
}

/** Keeps what Steward changed on any server. */
export class AuditService {
  readonly #history: HistoryService;

  constructor(history: HistoryService) {
    this.#history = history;
  }

  record({ connection, action, sql, outcome, durationMs }: AuditDraft): void {
    this.#history.audit({
      connectionId: connection.id,
      connectionName: connection.name,
      database: connection.database,
      action,
      sql,
      outcome,
      durationMs,
    });
  }
}
