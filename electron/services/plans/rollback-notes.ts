import type { RollbackNote } from '#contract/plans.ts';

/** What the catalog knows of the relations that a statement writes to, and of the functions that it calls. */
export interface WriteFacts {
  readonly sequences: readonly string[];
  /** Triggers of the user, with the function that each calls. */
  readonly triggers: readonly { readonly name: string; readonly function: string; readonly trusted: boolean }[];
  readonly foreignTables: readonly { readonly name: string; readonly wrapper: string }[];
  /** Volatile functions that the statement calls by name. `trusted`: its language cannot reach outside the database. */
  readonly functions: readonly {
    readonly name: string;
    readonly extension: string | null;
    readonly trusted: boolean;
  }[];
}

/** Extensions whose functions work outside the transaction that calls them. */
export const outsideExtensions: readonly string[] = [
  'dblink',
  'pg_background',
  'http',
  'pg_net',
  'plproxy',
  'adminpack',
];

/**
 * Functions of PostgreSQL itself whose effect no rollback takes back.
 * https://www.postgresql.org/docs/current/functions-admin.html, monitoring-stats.html#MONITORING-STATS-FUNCTIONS
 */
const outsideFunctions: Readonly<Record<string, string>> = {
  ...named('ends another session', ['pg_terminate_backend']),
  ...named('cancels what another session runs', ['pg_cancel_backend']),
  ...named('writes a file on the server', ['lo_export', 'pg_file_write', 'pg_file_rename', 'pg_file_unlink']),
  ...named('makes the server read its configuration again', ['pg_reload_conf']),
  ...named('starts a new log file', ['pg_rotate_logfile', 'pg_rotate_logfile_old']),
  ...named('writes to the server’s log', ['pg_log_backend_memory_contexts']),
  ...named('starts a new WAL file', ['pg_switch_wal']),
  ...named('writes to the WAL', ['pg_create_restore_point', 'pg_logical_emit_message']),
  ...named('promotes a standby', ['pg_promote']),
  ...named('stops or goes on with the replay of a standby', ['pg_wal_replay_pause', 'pg_wal_replay_resume']),
  ...named('begins or ends a base backup', ['pg_backup_start', 'pg_backup_stop', 'pg_start_backup', 'pg_stop_backup']),
  ...named('makes, moves or drops a replication slot', [
    'pg_create_physical_replication_slot',
    'pg_create_logical_replication_slot',
    'pg_copy_physical_replication_slot',
    'pg_copy_logical_replication_slot',
    'pg_drop_replication_slot',
    'pg_replication_slot_advance',
    'pg_sync_replication_slots',
  ]),
  ...named('consumes changes of a replication slot', [
    'pg_logical_slot_get_changes',
    'pg_logical_slot_get_binary_changes',
  ]),
  ...named('changes a replication origin', [
    'pg_replication_origin_advance',
    'pg_replication_origin_session_setup',
    'pg_replication_origin_session_reset',
  ]),
  ...named('resets statistics', [
    'pg_stat_reset',
    'pg_stat_reset_shared',
    'pg_stat_reset_slru',
    'pg_stat_reset_single_table_counters',
    'pg_stat_reset_single_function_counters',
    'pg_stat_reset_replication_slot',
    'pg_stat_reset_subscription_stats',
    'pg_stat_reset_backend_stats',
    'pg_stat_statements_reset',
  ]),
};

function named(does: string, functions: readonly string[]): Record<string, string> {
  return Object.fromEntries(functions.map((name) => [name, does]));
}

const sequenceFunctions = new Set(['nextval', 'setval']);

/** The functions that are looked up although PostgreSQL itself has them. */
export const watchedFunctions: readonly string[] = [
  ...Object.keys(outsideFunctions),
  ...sequenceFunctions,
  'pg_notify',
];

/**
 * What a rollback does not take back, and what somebody may fear that it does not but it does. What stays comes first.
 * Sources: https://www.postgresql.org/docs/current/functions-sequence.html (never rolled back),
 * https://www.postgresql.org/docs/current/sql-notify.html (sent at commit only).
 */
export function rollbackNotes(changesData: boolean, facts: WriteFacts): RollbackNote[] {
  const notes: RollbackNote[] = [];
  const called = facts.functions.filter(({ name }) => sequenceFunctions.has(name));
  if (facts.sequences.length > 0)
    notes.push({
      kind: 'sequence',
      stays: true,
      message: `Numbers taken from ${listed(facts.sequences)} are not given back: later rows have a gap.`,
    });
  if (called.length > 0)
    notes.push({
      kind: 'sequence',
      stays: true,
      message: `What ${listed(called.map(({ name }) => `${name}()`))} does to a sequence is not taken back.`,
    });
  for (const { name, extension, trusted } of facts.functions) {
    const does = outsideFunctions[name];
    if (does !== undefined) notes.push({ kind: 'outside', stays: true, message: `${name}() ${does}, for good.` });
    else if (extension !== null && outsideExtensions.includes(extension))
      notes.push({
        kind: 'outside',
        stays: true,
        message: `${name}() of ${extension} works outside this transaction: what it changes stays.`,
      });
    else if (!trusted && !sequenceFunctions.has(name) && name !== 'pg_notify')
      notes.push({
        kind: 'outside',
        stays: true,
        message: `${name}() is written in a language that can reach outside the database: whatever it does there stays.`,
      });
  }
  const own = facts.functions.filter(
    ({ name, extension, trusted }) => trusted && extension === null && !watchedFunctions.includes(name),
  );
  if (own.length > 0)
    notes.push({
      kind: 'outside',
      stays: false,
      message: `${listed(own.map(({ name }) => `${name}()`))} ${own.length === 1 ? 'runs' : 'run'} too. What a function calls in turn is not looked into.`,
    });
  for (const { name, wrapper } of facts.foreignTables)
    notes.push(
      wrapper === 'postgres_fdw'
        ? {
            kind: 'foreign-table',
            stays: false,
            message: `${name} is a table of another PostgreSQL: its transaction is rolled back there too.`,
          }
        : {
            kind: 'foreign-table',
            stays: true,
            message: `${name} is a foreign table of ${wrapper}: whether that takes changes back is not known.`,
          },
    );
  const untrusted = facts.triggers.filter(({ trusted }) => !trusted);
  const plain = facts.triggers.filter(({ trusted }) => trusted);
  if (untrusted.length > 0)
    notes.push({
      kind: 'trigger',
      stays: true,
      message: `${triggerWords(untrusted)} too, in a language that can reach outside the database: what happens there stays.`,
    });
  if (plain.length > 0)
    notes.push({
      kind: 'trigger',
      stays: false,
      message: `${triggerWords(plain)} too, and what comes of it is rolled back.`,
    });
  if (facts.functions.some(({ name }) => name === 'pg_notify'))
    notes.push({ kind: 'notify', stays: false, message: 'pg_notify() sends nothing: that happens at commit only.' });
  if (changesData)
    notes.push({
      kind: 'leftover',
      stays: false,
      message: 'Dead rows and WAL remain, as after any transaction that is rolled back. Locks are held while it runs.',
    });
  return notes.toSorted((a, b) => Number(b.stays) - Number(a.stays));
}

function triggerWords(triggers: WriteFacts['triggers']): string {
  const names = listed(triggers.map(({ name }) => name));
  return triggers.length === 1 ? `Trigger ${names} runs` : `Triggers ${names} run`;
}

/** `a, b and 3 more`. */
function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, 4);
  const rest = unique.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
