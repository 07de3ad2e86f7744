import type { StatementsState } from '#contract/statements.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { isMissing, managedWords, setupSteps } from './setup-steps.ts';
import { extensionVersionOf, setupSql, type Installed, type SetupRow } from './statements-sql.ts';

const timeoutMs = 10_000;

const nothingKnown = {
  steps: [],
  managed: null,
  failure: null,
  extension: null,
  maxStatements: null,
  tracksPlanning: false,
  timesIo: false,
};

/** Whether statistics of statements can be read, and what is to be done where not. Throws only the signal's reason. */
export async function statementsState(reader: CatalogReader, signal?: AbortSignal): Promise<StatementsState> {
  let row: SetupRow;
  try {
    row = await readSetup(reader, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { ...nothingKnown, kind: 'failed', failure: toFailure(error) };
  }
  const steps = setupSteps(row, reader.server);
  const state = {
    ...nothingKnown,
    steps,
    managed: managedWords(row.provider),
    extension:
      row.extension_version === null || row.extension_schema === null
        ? null
        : { schema: row.extension_schema, version: row.extension_version },
    maxStatements: row.max_statements === null ? null : Number(row.max_statements),
    tracksPlanning: row.track_planning === 'on',
    timesIo: row.track_io_timing === 'on',
  };
  if (isMissing(steps)) return { ...state, kind: 'missing' };
  try {
    await reader.rows(
      `select from ${quoteIdentifier(installedOf(row).schema)}.pg_stat_statements(false) limit 1`,
      options(signal),
    );
  } catch (error) {
    signal?.throwIfAborted();
    return { ...state, kind: 'failed', failure: toFailure(error) };
  }
  return { ...state, kind: row.reads_all ? 'ready' : 'partial' };
}

/** Where the extension is. Throws `refused`, with what to do first, where its statistics cannot be read yet. */
export async function requireInstalled(reader: CatalogReader): Promise<Installed> {
  const row = await readSetup(reader);
  const todo = setupSteps(row, reader.server).find(({ state }) => state === 'todo');
  if (todo !== undefined) {
    throw StewardError.of(
      'refused',
      `There are no statistics of statements on this server yet: ${todo.title.toLowerCase()}`,
      {
        hint: todo.sql ?? todo.why,
      },
    );
  }
  return installedOf(row);
}

async function readSetup(reader: CatalogReader, signal?: AbortSignal): Promise<SetupRow> {
  const [row] = await reader.rows<SetupRow>(setupSql(reader.server), options(signal));
  if (row === undefined) throw new Error('the server answered no row about pg_stat_statements');
  return row;
}

function installedOf(row: SetupRow): Installed {
  if (row.extension_schema === null || row.extension_version === null)
    throw new Error('the extension is not installed');
  return { schema: row.extension_schema, version: extensionVersionOf(row.extension_version) };
}

/** Operators that somebody put into public are not to be run with the rights of whoever looks. */
function options(signal: AbortSignal | undefined): { timeoutMs: number; qualifiedNames: true; signal?: AbortSignal } {
  return { timeoutMs, qualifiedNames: true, ...(signal ? { signal } : {}) };
}
