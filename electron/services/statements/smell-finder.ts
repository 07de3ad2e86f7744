import { setImmediate as breathe } from 'node:timers/promises';

import type { StatementSmell } from '#contract/statements.ts';

import type { SqlParser, StatementShape } from '../../postgres/sql-parser/index.ts';
import { groupKey, type StatementGroup } from './group-statements.ts';
import { statementSmells, wantsShape, type SmellFacts } from './statement-smells.ts';
import { spanOf, type ToldWindow } from './tell-window.ts';
import { numberOf } from './window-report.ts';

/** Parsed shapes that are remembered, by the text. */
const rememberedShapes = 2000;

/** Finds the smells of statements in a window: from their numbers, and from their texts where the numbers ask for it. */
export class SmellFinder {
  readonly #parser: SqlParser;
  readonly #shapes = new Map<string, StatementShape | undefined>();

  constructor(parser: SqlParser) {
    this.#parser = parser;
  }

  /** The smells of one statement, the most certain first. `sql` is null where its text is not known. */
  async smellsOf(group: StatementGroup, told: ToldWindow, sql: string | null): Promise<StatementSmell[]> {
    const { meta } = told.after;
    const count = (name: Parameters<typeof numberOf>[1]): number => numberOf(group, name) ?? 0;
    const facts: Omit<SmellFacts, 'shape'> = {
      spanMs: spanOf(told.deltas),
      execution: group.execution,
      planning: group.planning,
      rows: count('rows'),
      blocks: count('sharedHit') + count('sharedRead') + count('localHit') + count('localRead'),
      tempBytes: count('tempWritten') * meta.blockBytes,
      // The totals are of what clients sent: a statement inside of a function has no share in them.
      callShare: told.totals.calls > 0 && group.nested !== true ? group.execution.count / told.totals.calls : 0,
      sql,
      previous: group.status === 'difference' ? (told.previous.get(groupKey(group)) ?? null) : null,
    };
    const shape = wantsShape(facts) && sql !== null ? await this.#shape(sql) : undefined;
    return statementSmells({ ...facts, shape });
  }

  async #shape(sql: string): Promise<StatementShape | undefined> {
    if (this.#shapes.has(sql)) return this.#shapes.get(sql);
    if (this.#shapes.size >= rememberedShapes) this.#shapes.clear();
    const shape = await this.#parser.shape(sql);
    this.#shapes.set(sql, shape);
    await breathe();
    return shape;
  }
}
