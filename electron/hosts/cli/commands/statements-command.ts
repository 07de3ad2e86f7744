import { setTimeout as wait } from 'node:timers/promises';

import {
  type StatementDeltasAnswer,
  type StatementOrder,
  type StatementRow,
  statementOrders,
} from '#contract/statements.ts';

import { formatBytes, formatCount, formatDuration } from '../../../services/health/index.ts';
import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { endProgress, formatTable, progressLine, visible, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

export interface StatementsCommandOptions extends TargetOptions {
  readonly for: string;
  readonly order: string;
  readonly limit: string;
  readonly sinceReset?: boolean;
  readonly allDatabases?: boolean;
  readonly json?: boolean;
}

/** `steward statements TARGET`: what ran between two looks at pg_stat_statements. */
export async function runStatements(target: string, options: StatementsCommandOptions): Promise<void> {
  const order = statementOrders.find((known) => known === options.order);
  if (order === undefined)
    throw new CliEnd(exitCodes.usage, `--order takes ${statementOrders.join(', ')}, not ${options.order}`);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new CliEnd(exitCodes.usage, `--limit takes a number from 1 to 1000, not ${options.limit}`);
  const spanMs = spanOption(options.for);
  await using context = await openContext('passing', options);
  const { id: connectionId } = await openTarget(context, target, options);
  const { statements } = context.client;
  const first = await statements.snapshot({ connectionId });
  let answer: StatementDeltasAnswer;
  const ownDatabase = options.allDatabases !== true;
  if (options.sinceReset)
    answer = await statements.deltas({ connectionId, window: { kind: 'reset' }, ownDatabase, limit });
  else {
    const end = performance.now() + spanMs;
    for (let restMs = spanMs; restMs > 0; restMs = end - performance.now()) {
      progressLine(`Looking again in ${Math.ceil(restMs / 1000)} s`);
      await wait(Math.min(1000, restMs));
    }
    endProgress();
    const second = await statements.snapshot({ connectionId });
    answer = await statements.deltas({
      connectionId,
      window: { kind: 'between', from: first.id, to: second.id },
      ownDatabase,
      limit,
    });
  }
  const rows = answer.rows.toSorted((a, b) => orderValue(order, b) - orderValue(order, a)).slice(0, limit);
  if (options.json) writeJson({ ...answer, rows, omitted: answer.totals.statements - rows.length });
  else writeAnswer(answer, rows);
}

function spanOption(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1000);
  if (number === '' || ms < 1000 || ms > 86_400_000)
    throw new CliEnd(exitCodes.usage, `--for takes a time from 1s to 24h, such as 30s or 10m, not ${text}`);
  return ms;
}

function orderValue(order: StatementOrder, row: StatementRow): number {
  switch (order) {
    case 'total':
      return row.totalMs;
    case 'mean':
      return row.meanMs ?? 0;
    case 'calls':
      return row.calls;
    case 'io':
      return row.ioMs ?? row.blocksRead;
    case 'temp':
      return row.tempBytes;
    case 'wal':
      return row.walBytes;
    case 'plan':
      return row.planMs ?? 0;
  }
}

function writeAnswer(answer: StatementDeltasAnswer, rows: readonly StatementRow[]): void {
  const { covered, totals, notes } = answer;
  for (const { text } of notes) if (!text.startsWith('There is no store')) process.stderr.write(`${visible(text)}\n`);
  const seconds = covered.spanMs === null ? null : covered.spanMs / 1000;
  writeLine(
    formatTable(
      ['total', 'share', 'calls', '/s', 'mean', 'rows/call', 'hit', 'temp', 'WAL', 'statement'],
      rows.map((row) => [
        formatDuration(row.totalMs),
        row.share === null ? '–' : `${(row.share * 100).toFixed(1)} %`,
        formatCount(row.calls),
        seconds === null || seconds === 0 ? '–' : (row.calls / seconds).toFixed(1),
        row.meanMs === null ? '–' : `${row.meanMs.toFixed(3)} ms`,
        row.calls === 0 ? '–' : (row.rows / row.calls).toFixed(1),
        row.blocksHit + row.blocksRead === 0
          ? '–'
          : `${((row.blocksHit / (row.blocksHit + row.blocksRead)) * 100).toFixed(0)} %`,
        row.tempBytes === 0 ? '–' : formatBytes(row.tempBytes),
        row.walBytes === 0 ? '–' : formatBytes(row.walBytes),
        statementWords(row),
      ]),
      [true, true, true, true, true, true, true, true, true, false],
    ),
  );
  writeLine(
    `\n${formatCount(totals.statements)} statements, ${formatCount(totals.calls)} calls, ${formatDuration(totals.totalMs)} in ${covered.spanMs === null ? 'a time that is not known' : formatDuration(covered.spanMs)}`,
  );
}

function statementWords({ sql, queryId, smells }: StatementRow): string {
  const text = sql ?? `query ${queryId}`;
  const marks = smells.map(({ label }) => `[${label}] `).join('');
  return `${marks}${text.length > 100 ? `${text.slice(0, 100)}…` : text}`;
}
