import { ORPCError } from '@orpc/server';
import { Command, CommanderError } from 'commander';

import { failureSchema } from '#contract/failure.ts';

import { toFailure } from '../../postgres/failure.ts';
import { places } from '../places.ts';
import { listAudit } from './commands/audit-command.ts';
import { runBackup } from './commands/backup-command.ts';
import { runFleet } from './commands/fleet-command.ts';
import { runHealth } from './commands/health-command.ts';
import { analyzeLog } from './commands/log-command.ts';
import { migrateSql, migrateStatus } from './commands/migrate-command.ts';
import { anonymisePlanFile } from './commands/plan-anonymise-command.ts';
import { analyzePlan } from './commands/plan-command.ts';
import { comparePlanFiles } from './commands/plan-compare-command.ts';
import { runQuery } from './commands/query-command.ts';
import { createSample } from './commands/sample-command.ts';
import { runSchema } from './commands/schema-command.ts';
import { runStatements } from './commands/statements-command.ts';
import { answerHint } from './answer-hint.ts';
import { CliEnd, exitCodeOf, exitCodes } from './exit-codes.ts';
import { type PassphraseOptions, givenPassphrase } from './given-passphrase.ts';

const targetHelp = 'name of a saved connection, URL, or env:NAME with a URL in that variable';
const passwordOption = ['--password <env:NAME>', 'take the password from this environment variable'] as const;
const passphraseOption = [
  '--passphrase <env:NAME>',
  'open the secrets file with the passphrase in this environment variable (else STEWARD_PASSPHRASE)',
] as const;
const passphraseFileOption = [
  '--passphrase-file <file>',
  'open the secrets file with the first line of this file, which nobody else may read',
] as const;

/** The values of an option that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const program = new Command('steward')
  .description('A desktop DBA for PostgreSQL, on the command line')
  .version(places.version)
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 the answer is no, 2 bad input or usage, 3 cannot reach the server, 4 the operation failed',
  );

const plan = program.command('plan').description('read EXPLAIN output');
plan
  .command('analyze')
  .alias('analyse')
  .argument('<file>', 'a file, or - for standard input')
  .option('--json', 'JSON on stdout')
  .action(analyzePlan);
plan
  .command('compare')
  .description('what differs between two plans, and why')
  .argument('<before>', 'a file, or - for standard input; FILE#2 for its second plan')
  .argument('<after>', 'the same')
  .option('--fail-on-slower <factor>', 'end with 1 when the plan after takes more than this many times as long')
  .option('--json', 'JSON on stdout')
  .action(comparePlanFiles);
plan
  .command('anonymise')
  .alias('anonymize')
  .description('the same plans without the names and values in them, to show to others; without the query')
  .argument('<file>', 'a file, or - for standard input')
  .option('--json', 'FORMAT JSON, as EXPLAIN prints it')
  .action(anonymisePlanFile);
program
  .command('log')
  .description('a server’s log, read on this machine')
  .command('analyze')
  .alias('analyse')
  .argument('<file>', 'a log: stderr, csvlog or jsonlog, gz or not; or a folder with logs')
  .option('--top <n>', 'so many statements and kinds of errors', '20')
  .option('--json', 'JSON on stdout')
  .action(analyzeLog);
program
  .command('health')
  .description('health report of a database')
  .argument('<target>', targetHelp)
  .option('--only <ids>', 'only these checks, comma separated')
  .option('--also <ids>', 'these checks as well, which are otherwise asked only by name')
  .option('--fail-on <severity>', 'end with 1 at a finding this bad: critical, warning, info, never', 'critical')
  .option('--baseline <file>', 'a report of before, written with --json: only what is new or worse counts')
  .option(
    '--rules <file>',
    'suppressions and thresholds of this file instead of those of the data folder; "until" is a time or a day, which ends in UTC',
  )
  .option('--threshold <ID.name=number>', 'another threshold of a check; may be repeated', collect)
  .option('--format <format>', 'text, json, html, markdown, sarif, junit (default: "text")')
  .option('--output <file>', 'write the report to this file')
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runHealth);
program
  .command('statements')
  .description('what ran between two looks at pg_stat_statements, the dearest first')
  .argument('<target>', targetHelp)
  .option('--for <time>', 'how long to wait between the looks: 30s, 10m, 1h', '30s')
  .option('--since-reset', 'everything since statistics were reset, without waiting')
  .option('--order <order>', 'total, mean, calls, io, temp, wal, plan', 'total')
  .option('--limit <n>', 'at most this many statements', '20')
  .option('--all-databases', 'of the whole server, not only of this database')
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runStatements);
program
  .command('fleet')
  .description('a short look at every saved connection, the worst first')
  .option('--fail-on <status>', 'end with 1 at a row this bad: unreachable, critical, warning, never', 'critical')
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runFleet);
program
  .command('backup')
  .description('back up a database and read the backup back')
  .argument('<target>', targetHelp)
  .requiredOption('--to <dir>', 'folder for the backup')
  .option('--format <format>', 'custom, directory, plain, tar', 'custom')
  .option('--tool <tool>', 'auto, native, built-in', 'auto')
  .option('--schema-only', 'definitions without rows')
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runBackup);
const migrate = program.command('migrate').description('migrations of a folder against a database');
migrate
  .command('status')
  .argument('<folder>')
  .requiredOption('--url <target>', targetHelp)
  .option('--table <name>', 'tracking table')
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(migrateStatus);
migrate
  .command('sql')
  .argument('<folder>')
  .option('--url <target>', targetHelp)
  .option('--name <migration>', 'only this one')
  .option('--trust', 'trust this folder: its code is loaded and runs with your rights')
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(migrateSql);
program
  .command('schema')
  .description('the catalog of a database as a value')
  .argument('<target>', targetHelp)
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runSchema);
program
  .command('query')
  .description('run SQL')
  .argument('<target>', targetHelp)
  .requiredOption('-c, --command <sql>', 'the statements to run')
  .option('--confirm <database>', 'the name of the database: what destroys something on production needs it')
  .option('--read-only', 'each statement inside a read-only transaction that is rolled back')
  .option(
    '--accept-superuser <why>',
    'read-only sessions of a superuser, who can do harm even so: say why it is acceptable',
  )
  .option(...passwordOption)
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .option('--json', 'JSON on stdout')
  .action(runQuery);
program
  .command('audit')
  .description('what Steward changed on any server, newest first')
  .option('--search <text>', 'only entries with this text in their SQL, error, connection or user')
  .option('--since <time>', 'only what began at this time or later, for example 2026-11-23T10:00:00Z')
  .option('--limit <n>', 'at most this many', '100')
  .option('--json', 'JSON on stdout')
  .action(listAudit);
program
  .command('serve')
  .description('Steward in a browser on this machine; prints its one-time URL first')
  .option('--port <n>', 'port, 0 for any', '0')
  .option('--data-dir <dir>', 'where Steward keeps everything')
  .option(...passphraseOption)
  .option(...passphraseFileOption)
  .action(async (options: { port: string; dataDir?: string } & PassphraseOptions) => {
    const { serve } = await import('../headless/serve.ts');
    await serve({
      port: Number(options.port),
      dataDirectory: options.dataDir,
      passphrase: await givenPassphrase(options),
    });
  });
program
  .command('sample')
  .description('the sample database')
  .command('create')
  .option('--factor <n>', 'how large, 1 is about 350,000 rows', '1')
  .option('--json', 'JSON on stdout')
  .action(createSample);

// A reader that has seen enough, such as head, closes the pipe: that is no failure, and changes no answer that a command
// has set before it wrote.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? (process.exitCode ?? exitCodes.done) : exitCodes.failed),
);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Words for stderr, and the exit code. */
function report(error: unknown): number {
  // Commander has printed its own message; help and version are no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof CliEnd) {
    process.stderr.write(`${error.message}\n${error.hint ? `${error.hint}\n` : ''}`);
    return error.exitCode;
  }
  const parsed = error instanceof ORPCError ? failureSchema.safeParse(error.data) : undefined;
  const failure = parsed?.success
    ? parsed.data
    : error instanceof ORPCError && error.code === 'BAD_REQUEST'
      ? { code: 'bad_input' as const, message: error.message, retryable: false }
      : toFailure(error);
  const hint = 'question' in failure && failure.question ? answerHint(failure.question) : failure.hint;
  process.stderr.write(`${failure.message}\n${hint ? `${hint}\n` : ''}`);
  return failure.code === 'busy' ? exitCodes.usage : exitCodeOf(failure);
}
