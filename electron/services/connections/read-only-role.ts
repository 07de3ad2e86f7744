import { quoteIdentifier } from '../../postgres/quote-identifier.ts';

/**
 * SQL for a role that reads everything in a database and can change nothing. From PostgreSQL 14 on the predefined roles
 * `pg_read_all_data` and `pg_monitor` do it; before, each schema is granted by itself and tables made later need the
 * default privileges of those who make them. The password is left for `\password`, which sends it hashed.
 */
export function readOnlyRoleSql(target: {
  readonly database: string;
  readonly versionNum: number | undefined;
}): string {
  const role = 'steward_reader';
  const database = quoteIdentifier(target.database);
  const head = [
    '-- A role that reads everything and can change nothing. Run as a superuser or a role with CREATEROLE.',
    `create role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 20;`,
    `-- In psql: \\password ${role}  (sends the password hashed; a password in a statement ends up in logs)`,
    `grant connect on database ${database} to ${role};`,
    `grant pg_monitor to ${role};`,
  ];
  if (target.versionNum === undefined || target.versionNum >= 140_000) {
    return [...head, `grant pg_read_all_data to ${role};`, ...limits(role)].join('\n');
  }
  return [
    ...head,
    '-- PostgreSQL 13 has no pg_read_all_data: this grants what is there now, in every schema.',
    'do $$',
    'declare s name;',
    'begin',
    "  for s in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop",
    `    execute format('grant usage on schema %I to ${role}', s);`,
    `    execute format('grant select on all tables in schema %I to ${role}', s);`,
    `    execute format('grant select on all sequences in schema %I to ${role}', s);`,
    '  end loop;',
    'end $$;',
    '-- And for tables that are made later, once for each role that makes them:',
    `-- alter default privileges for role <owner> grant select on tables to ${role};`,
    ...limits(role),
  ].join('\n');
}

function limits(role: string): string[] {
  return [
    `alter role ${role} set default_transaction_read_only = on;`,
    `alter role ${role} set statement_timeout = '10min';`,
    `alter role ${role} set lock_timeout = '5s';`,
    `alter role ${role} set idle_in_transaction_session_timeout = '10min';`,
  ];
}
