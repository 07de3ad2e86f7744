import os from 'node:os';
import { promisify } from 'node:util';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';
import pgpass from 'pgpass';

import { toFailure } from '../../postgres/failure.ts';
import { parseConnectionUrl } from '../../services/connections/index.ts';
import type { CommandContext } from './command-context.ts';
import { CliEnd, exitCodes } from './exit-codes.ts';
import { type PassphraseOptions, passphraseHint } from './given-passphrase.ts';

export interface TargetOptions extends PassphraseOptions {
  /** `env:NAME`: the password is in that variable. */
  readonly password?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/**
 * Opens what a command was given: the name of a saved connection, a URL, or `env:NAME` with a URL in that variable.
 * The password comes from --password env:NAME, the URL, PGPASSWORD or the pgpass file, in this order.
 * Ends with 2 for what cannot be read, 3 when the server cannot be reached, and 4 when the password is locked away.
 */
export async function openTarget(
  context: CommandContext,
  target: string,
  options: TargetOptions = {},
): Promise<ConnectionEntry> {
  const text = target.startsWith('env:') ? fromEnvironment(target) : target;
  const saved = context.services.connections.list.value.find((entry) => entry.name === text);
  const id =
    saved && !options.readOnly
      ? await withPassword(context, saved, options)
      : (await temporary(context, text, saved, options)).id;
  try {
    return await context.services.connections.open(id);
  } catch (error) {
    const failure = toFailure(error);
    if (saved && options.password === undefined) refuseLocked(context, saved, failure);
    throw new CliEnd(
      failure.code === 'bad_input' ? exitCodes.usage : exitCodes.unreachable,
      failure.message,
      failure.hint,
    );
  }
}

/** A password that is asked for, or that the server missed, may be in the secrets file that nobody has opened. */
function refuseLocked({ services }: CommandContext, saved: ConnectionEntry, failure: Failure): void {
  const { locked, damage, file } = services.secrets.state.value;
  const asked = failure.code === 'needs_answer' && failure.question?.kind === 'unlock';
  if (!asked && (failure.code !== 'auth_failed' || saved.managedBy === 'local-server')) return;
  if (damage !== null) throw new CliEnd(exitCodes.failed, `${failure.message}\n${damage}: ${file}`, failure.hint);
  if (!locked) return;
  throw new CliEnd(
    exitCodes.failed,
    asked
      ? `The password of “${saved.name}” is in the secrets file, which is locked`
      : `${failure.message}\nIf the password of “${saved.name}” is stored: the secrets file is locked`,
    passphraseHint,
  );
}

async function withPassword(context: CommandContext, saved: ConnectionEntry, options: TargetOptions): Promise<string> {
  const known = saved.password !== 'none' && options.password === undefined;
  if (known || saved.managedBy === 'local-server') return saved.id;
  return (await temporary(context, saved.name, saved, options)).id;
}

async function temporary(
  context: CommandContext,
  text: string,
  saved: ConnectionEntry | undefined,
  options: TargetOptions,
): Promise<ConnectionEntry> {
  const fields = saved ?? urlFields(text);
  const address = {
    host: fields.host ?? 'localhost',
    port: fields.port ?? 5432,
    database: fields.database ?? '',
    user: fields.user ?? process.env['PGUSER'] ?? os.userInfo().username,
  };
  const database = address.database || process.env['PGDATABASE'] || address.user;
  const password = await findPassword(
    'password' in fields && !saved ? (fields as { password?: string }).password : undefined,
    { ...address, database },
    options,
  );
  return context.services.connections.addTemporary({
    name: saved?.name ?? `${address.user}@${address.host}/${database}`,
    environment: saved?.environment ?? 'development',
    color: saved?.color ?? 'grey',
    ...address,
    database,
    sslMode: fields.sslMode ?? sslModeFromEnvironment(),
    ...(fields.sslRootCert ? { sslRootCert: fields.sslRootCert } : {}),
    readOnly: options.readOnly ?? saved?.readOnly ?? false,
    rememberPassword: false,
    ...(password === undefined ? {} : { password }),
  });
}

function urlFields(text: string): ReturnType<typeof parseConnectionUrl>['fields'] {
  if (!/^postgres(?:ql)?:\/\//.test(text)) {
    throw new CliEnd(
      exitCodes.usage,
      `There is no saved connection named “${text}”, and it is no URL`,
      'A URL looks like postgresql://user@host:5432/database',
    );
  }
  try {
    const { fields, warnings } = parseConnectionUrl(text);
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
    return fields;
  } catch (error) {
    const failure = toFailure(error);
    throw new CliEnd(exitCodes.usage, failure.message, failure.hint);
  }
}

async function findPassword(
  inUrl: string | undefined,
  address: { host: string; port: number; database: string; user: string },
  options: TargetOptions,
): Promise<string | undefined> {
  if (options.password !== undefined) {
    if (!options.password.startsWith('env:'))
      throw new CliEnd(
        exitCodes.usage,
        '--password takes env:NAME: a password itself would be seen in the list of processes',
      );
    return fromEnvironment(options.password);
  }
  if (inUrl?.startsWith('env:')) return fromEnvironment(inUrl);
  if (inUrl !== undefined) {
    process.stderr.write(
      'Warning: a password in a URL is seen by everybody who may list processes here. Use PGPASSWORD, ~/.pgpass or --password env:NAME.\n',
    );
    return inUrl;
  }
  if (process.env['PGPASSWORD'] !== undefined) return process.env['PGPASSWORD'];
  const lookUp = promisify((connection: typeof address, done: (error: null, password: string | undefined) => void) =>
    pgpass(connection, (password) => done(null, password)),
  );
  return lookUp(address);
}

function fromEnvironment(reference: string): string {
  const name = reference.slice('env:'.length);
  const value = process.env[name];
  if (value === undefined) throw new CliEnd(exitCodes.usage, `The environment variable ${name} is not set`);
  return value;
}

function sslModeFromEnvironment(): ConnectionEntry['sslMode'] {
  const modes: readonly ConnectionEntry['sslMode'][] = [
    'disable',
    'allow',
    'prefer',
    'require',
    'verify-ca',
    'verify-full',
  ];
  return modes.find((mode) => mode === process.env['PGSSLMODE']) ?? 'prefer';
}
