import type { Failure } from '#contract/failure.ts';
import type { ResultColumn } from '#contract/query.ts';

import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { formatTable, visible, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

interface StatementResult {
  command: string;
  rowCount: number | null;
  columns: ResultColumn[];
  rows: (string | null)[][];
}

export interface QueryCommandOptions extends TargetOptions {
  readonly command: string;
  readonly json?: boolean;
  /** The database's name: what destroys something on a production connection needs it. */
  readonly confirm?: string;
}

/** `steward query TARGET -c SQL`: runs every statement, stops at the first failure and ends with 4 then. */
export async function runQuery(target: string, options: QueryCommandOptions): Promise<void> {
  await using context = await openContext('passing', options);
  const connection = await openTarget(context, target, options);
  const stop = new AbortController();
  const cancel = () => stop.abort();
  process.once('SIGINT', cancel);
  const results: StatementResult[] = [];
  let failure: Failure | undefined;
  let open: { resultId: string; columns: ResultColumn[] } | undefined;
  for await (const event of await context.client.query.run(
    { connectionId: connection.id, tabId: 'cli', sql: options.command, confirmation: options.confirm },
    { signal: stop.signal },
  )) {
    if (event.kind === 'result') open = { resultId: event.resultId, columns: event.columns };
    else if (event.kind === 'notice') process.stderr.write(`${event.severity}: ${visible(event.message)}\n`);
    else if (event.kind === 'failed') failure = event.failure;
    else if (event.kind === 'done') {
      results.push({
        command: event.command,
        rowCount: event.rows,
        columns: open?.columns ?? [],
        rows: open ? await allRows(context, open.resultId) : [],
      });
      open = undefined;
    }
  }
  process.off('SIGINT', cancel);
  if (failure) process.exitCode = exitCodes.failed;
  if (options.json)
    writeJson({
      results: results.map((result) => ({
        ...result,
        columns: result.columns.map(({ name, type }) => ({ name, type })),
      })),
    });
  else for (const result of results) writeResult(result);
  if (failure) {
    const state = failure.postgres ? ` (SQLSTATE ${failure.postgres.sqlstate})` : '';
    throw new CliEnd(exitCodes.failed, `${failure.message}${state}`, failure.postgres?.hint ?? failure.hint);
  }
}

async function allRows(
  context: Awaited<ReturnType<typeof openContext>>,
  resultId: string,
): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  for (;;) {
    const page = await context.client.query.rows({ resultId, offset: rows.length, limit: 2000 });
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

function writeResult(result: StatementResult): void {
  if (result.columns.length > 0)
    writeLine(
      formatTable(
        result.columns.map(({ name }) => name),
        result.rows,
        result.columns.map(({ align }) => align === 'right'),
      ),
    );
  writeLine(
    result.columns.length > 0
      ? `(${result.rows.length} rows)`
      : `${result.command}${result.rowCount === null ? '' : ` ${result.rowCount}`}`,
  );
}
