import type { AuditEntry } from '#contract/audit.ts';

import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { formatTable, writeJson, writeLine } from '../output.ts';

export interface AuditCommandOptions {
  readonly search?: string;
  readonly since?: string;
  readonly limit: string;
  readonly json?: boolean;
}

const mostEntries = 10_000;
const pageSize = 500;

/** `steward audit`: what Steward changed on any server, newest first. Without a store it is this machine's journal. */
export async function listAudit(options: AuditCommandOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostEntries)
    throw new CliEnd(exitCodes.usage, `--limit takes a number from 1 to ${mostEntries}, not ${options.limit}`);
  const since = options.since === undefined ? undefined : new Date(options.since);
  if (since && Number.isNaN(since.getTime()))
    throw new CliEnd(exitCodes.usage, `--since takes a time such as 2026-11-23T10:00:00Z, not ${options.since}`);
  await using context = await openContext('passing');
  const filter = {
    ...(options.search ? { search: options.search } : {}),
    ...(since ? { from: since.toISOString() } : {}),
  };
  const entries: AuditEntry[] = [];
  let page = await context.client.audit.list({ ...filter, limit: Math.min(limit, pageSize) });
  entries.push(...page.entries);
  while (page.next && entries.length < limit) {
    page = await context.client.audit.list({
      ...filter,
      before: page.next,
      limit: Math.min(limit - entries.length, pageSize),
    });
    entries.push(...page.entries);
  }
  const { source, reason, pending } = page;
  if (options.json) {
    writeJson({ source, reason, pending, entries });
    return;
  }
  if (source === 'journal')
    process.stderr.write(
      `From the journal of this machine, since there is no store here now: ${pending} of these are not in the store yet.\n`,
    );
  if (entries.length === 0) writeLine('Nothing is recorded');
  else writeLine(formatTable(header, entries.map(row), right));
}

const header = ['When', 'Who', 'Connection', 'Database', 'Action', 'Outcome', 'Took ms', 'What'];
const right = [false, false, false, false, false, false, true, false];

function row(entry: AuditEntry): string[] {
  const what = (entry.sql ?? entry.subject ?? '').replaceAll(/\s+/g, ' ').trim();
  return [
    entry.at,
    entry.actor,
    entry.connectionName ?? '',
    entry.database ?? '',
    entry.action,
    entry.outcome,
    entry.durationMs === null ? '' : entry.durationMs.toFixed(1),
    what.length > 100 ? `${what.slice(0, 99)}…` : what,
  ];
}
