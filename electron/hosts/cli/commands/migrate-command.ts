import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import { formatTable, writeJson, writeLine } from '../output.ts';
import { type TargetOptions, openTarget } from '../target.ts';

export interface MigrateCommandOptions extends TargetOptions {
  readonly url: string;
  readonly table?: string;
  readonly json?: boolean;
}

/** `steward migrate status FOLDER --url TARGET`: applied and pending. Loads no code, changes nothing on the server. */
export async function migrateStatus(folder: string, options: MigrateCommandOptions): Promise<void> {
  await using context = await openContext('passing', options);
  const connection = await openTarget(context, options.url, options);
  const status = await context.client.migrations.status({
    connectionId: connection.id,
    folder,
    ...(options.table ? { table: options.table } : {}),
  });
  if (options.json) {
    writeJson(status);
    return;
  }
  writeLine(
    formatTable(
      ['migration', 'state', 'applied'],
      status.entries.map((entry) => [entry.name, entry.state, entry.appliedAt]),
    ),
  );
  if (!status.tableExists) writeLine(`\nThe table ${status.table} does not exist: nothing was applied here.`);
}

/** `steward migrate sql FOLDER`: the SQL of up and down. Naming the folder with --trust is the trust it asks for. */
export async function migrateSql(
  folder: string,
  options: { url?: string; trust?: boolean; name?: string; json?: boolean } & TargetOptions,
): Promise<void> {
  await using context = await openContext('passing', options);
  if (options.trust) await context.client.migrations.trust({ folder, trusted: true });
  if (options.url) await openTarget(context, options.url, options);
  const migrations = await context.client.migrations.sql({
    folder,
    ...(options.name ? { names: [options.name] } : {}),
  });
  if (options.name && migrations.length === 0)
    throw new CliEnd(exitCodes.usage, `There is no migration ${options.name} in ${folder}`);
  if (options.json) {
    writeJson({ folder, migrations });
    return;
  }
  if (migrations.some(({ error }) => error !== null)) process.exitCode = exitCodes.no;
  for (const migration of migrations) {
    writeLine(`-- ${migration.name}: up${migration.dynamic ? ' (runs queries of its own: this may not be all)' : ''}`);
    for (const statement of migration.up) writeLine(`${statement};`);
    writeLine(`-- ${migration.name}: down${migration.reversible ? '' : ' (cannot be reverted)'}`);
    for (const statement of migration.down) writeLine(`${statement};`);
    if (migration.error) writeLine(`-- ${migration.name} cannot be read: ${migration.error}`);
    writeLine();
  }
}
