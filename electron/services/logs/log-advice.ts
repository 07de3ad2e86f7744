import type { LogAdvice, LogReport } from '#contract/logs.ts';

import type { DigestReport, LogHints } from './log-digest.ts';

const reload = 'select pg_reload_conf();';
const hourMs = 3_600_000;

/** A server of at least that major; false where the log does not tell its version. */
function isAtLeast(version: string | null, major: number): boolean {
  const found = Number.parseInt(version ?? '', 10);
  return Number.isFinite(found) && found >= major;
}

/**
 * What the log does not have although it could, with the statements that change it. `missing` only where the log proves it;
 * where nothing of a kind may simply not have happened, `unsure`. Pure.
 */
export function logAdvice(
  report: DigestReport,
  hints: LogHints,
  formats: readonly LogReport['formats'][number][],
): LogAdvice[] {
  const advice: LogAdvice[] = [];
  if (report.messages === 0) return advice;
  const coversMs = report.firstAt === null || report.lastAt === null ? 0 : report.lastAt - report.firstAt;
  const timed = report.calls > 0;
  const add = (id: string, state: LogAdvice['state'], title: string, why: string, sql: string, cost: string): void => {
    advice.push({ id, state, title, why, sql, cost });
  };
  if (report.foreignMessages > 0)
    add(
      'language',
      'missing',
      'The log is not in English',
      `${report.foreignMessages} messages are in another language: severity, SQLSTATE and statement are read from csvlog and jsonlog, the words are not.`,
      `alter system set lc_messages = 'C';\n${reload}`,
      'Messages to clients are in English, too, unless a role or database has its own lc_messages.',
    );
  if (!timed && report.bareDurations.count > 0 && hints.logged === 0)
    add(
      'bare-durations',
      'missing',
      'Durations are logged without their statements',
      `${report.bareDurations.count} durations stand alone: log_duration is on, log_min_duration_statement is not.`,
      `alter system set log_min_duration_statement = '250ms';\nalter system set log_duration = off;\n${reload}`,
      'Each statement over the limit writes a line with its text and parameters.',
    );
  else if (!timed && report.foreignMessages === 0)
    add(
      'durations',
      'missing',
      'No durations of statements',
      'log_min_duration_statement is off, or nothing took as long as it asks for.',
      `alter system set log_min_duration_statement = '250ms';\n-- or a share of all that take longer than 10 ms:\nalter system set log_min_duration_sample = '10ms';\nalter system set log_statement_sample_rate = 0.01;\n${reload}`,
      'Each statement over the limit writes a line with its text and parameters. At 0 that is every statement: on a busy server gigabytes an hour.',
    );
  if (hints.extended > 50 && hints.withParameters === 0)
    add(
      'parameters',
      'missing',
      'Parameters are not logged',
      'Statements of the extended protocol have no values: log_parameter_max_length is 0, or log_error_verbosity is terse.',
      `alter system set log_parameter_max_length = 1024;\nalter system set log_error_verbosity = 'default';\n${reload}`,
      'Values of statements are then part of the log, with whatever is personal in them.',
    );
  if (report.plans === 0)
    add(
      'plans',
      'unsure',
      'No plans of auto_explain',
      'auto_explain is not loaded, or nothing took as long as it asks for.',
      `alter system set session_preload_libraries = 'auto_explain'; -- add it to what stands there\nalter system set auto_explain.log_min_duration = '1s';\nalter system set auto_explain.log_analyze = on;\nalter system set auto_explain.log_buffers = on;\nalter system set auto_explain.log_timing = off;\n${reload} -- for new sessions`,
      'With log_analyze every statement is measured, not only the slow ones. log_timing = off keeps that cheap; with it on, statements with many rows may take several times as long on machines with a slow clock (pg_test_timing tells).',
    );
  const silent = (id: string, title: string, setting: string, sql: string, cost: string): void =>
    add(
      id,
      'unsure',
      title,
      `${setting} is off, or nothing of that kind happened while this was logged.`,
      `${sql}\n${reload}`,
      cost,
    );
  if (report.lockWaits === 0)
    silent(
      'lock-waits',
      'No waits for locks',
      'log_lock_waits',
      'alter system set log_lock_waits = on;',
      'Nothing: a line for each wait that lasts longer than deadlock_timeout.',
    );
  if (report.tempFiles === 0)
    silent(
      'temp-files',
      'No temporary files',
      'log_temp_files',
      "alter system set log_temp_files = '10MB';",
      'A line for each file over the limit.',
    );
  if (report.checkpoints.count === 0)
    add(
      'checkpoints',
      coversMs >= 2 * hourMs && report.foreignMessages === 0 ? 'missing' : 'unsure',
      'No checkpoints',
      coversMs >= 2 * hourMs
        ? 'A server that writes has one at least every checkpoint_timeout: log_checkpoints is off, or nothing was written.'
        : 'log_checkpoints is off, or the log covers too little time. On by default since PostgreSQL 15.',
      `alter system set log_checkpoints = on;\n${reload}`,
      'Nothing: two lines a checkpoint.',
    );
  if (report.vacuums.length === 0)
    silent(
      'autovacuum',
      'No work of autovacuum',
      'log_autovacuum_min_duration',
      "alter system set log_autovacuum_min_duration = '1s';",
      'A few lines for each run over the limit.',
    );
  if (report.connections.received + report.connections.authorized + report.connections.ended === 0)
    silent(
      'connections',
      'No connections',
      'log_connections',
      `alter system set log_connections = ${isAtLeast(report.serverVersion, 18) ? "'receipt,authorization'" : 'on'};\nalter system set log_disconnections = on;`,
      'Two to three lines a connection: much where every request connects anew.',
    );
  const stderr = formats.includes('stderr');
  if (stderr && report.messages > 20) {
    const lacks = [
      ...(hints.withTime < report.messages * 0.5 ? ['time'] : []),
      ...(hints.withPid < report.messages * 0.5 ? ['process'] : []),
      ...(hints.withUser === 0 ? ['user and database'] : []),
    ];
    if (lacks.length > 0)
      add(
        'prefix',
        'missing',
        `log_line_prefix has no ${lacks.join(', no ')}`,
        'What belongs together, who ran it and when is only known as far as each line tells it.',
        `alter system set log_line_prefix = '%m [%p] %q%u@%d app=%a ';\n${reload}`,
        'Nothing. csvlog and jsonlog have all of it without a prefix.',
      );
  }
  return advice;
}
