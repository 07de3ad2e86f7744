import type { FleetRow, FleetSnapshot, FleetStatus } from '#contract/fleet.ts';

import { openContext } from '../command-context.ts';
import { CliEnd, exitCodes } from '../exit-codes.ts';
import type { PassphraseOptions } from '../given-passphrase.ts';
import { formatTable, visible, writeJson, writeLine } from '../output.ts';

/** The statuses at which the command ends with 1. */
const failingStatuses: Readonly<Record<string, readonly FleetStatus[]>> = {
  unreachable: ['unreachable'],
  critical: ['unreachable', 'critical'],
  warning: ['unreachable', 'critical', 'unknown', 'warning'],
  never: [],
};

export interface FleetCommandOptions extends PassphraseOptions {
  readonly failOn: string;
  readonly json?: boolean;
}

/** `steward fleet`: checks every saved connection once; ends with 1 when one is at or above --fail-on. */
export async function runFleet(options: FleetCommandOptions): Promise<void> {
  const failing = failingStatuses[options.failOn];
  if (!failing)
    throw new CliEnd(
      exitCodes.usage,
      `--fail-on takes ${Object.keys(failingStatuses).join(', ')}, not ${options.failOn}`,
    );
  await using context = await openContext('passing', options);
  await context.client.fleet.refresh({});
  const names = new Map(context.services.connections.list.value.map(({ id, name }) => [id, name]));
  const rows = (await currentSnapshot(context.client))
    .toSorted((left, right) => left.rank - right.rank)
    .map((row) => ({ name: names.get(row.connectionId) ?? row.connectionId, ...row }));
  if (rows.some(({ status }) => failing.includes(status))) process.exitCode = exitCodes.no;
  if (options.json) writeJson({ rows });
  else if (rows.length === 0) writeLine('No connections are saved.');
  else writeTable(rows);
}

async function currentSnapshot(client: {
  readonly fleet: { watch(input?: undefined): Promise<AsyncIterable<FleetSnapshot>> };
}): Promise<FleetSnapshot['rows']> {
  for await (const { rows } of await client.fleet.watch()) return rows;
  throw new CliEnd(exitCodes.failed, 'The fleet could not be read');
}

function writeTable(rows: readonly (FleetRow & { readonly name: string })[]): void {
  const count = (status: FleetStatus) => rows.filter((row) => row.status === status).length;
  writeLine(
    formatTable(
      ['connection', 'status', 'version', 'size', 'used', 'ids', 'backup', 'pending', 'worst'],
      rows.map(({ name, status, reach, facts, backup, migrations, reasons }) => [
        name,
        reach.kind === 'asks' ? 'needs you' : status,
        facts === null ? '–' : (facts.version.split(' ')[0] ?? ''),
        facts?.databaseBytes === null || facts === null ? '–' : `${(facts.databaseBytes / 1024 ** 2).toFixed(0)} MB`,
        facts === null ? '–' : `${facts.connectionsUsed}/${facts.connectionsMax - facts.connectionsReserved}`,
        facts === null ? '–' : `${((facts.oldestXidAge / 2 ** 31) * 100).toFixed(0)} %`,
        backup === null ? '–' : (backup.verifiedAt?.slice(0, 10) ?? 'never'),
        migrations === null ? '–' : String(migrations.pending),
        `${visible(reasons[0]?.text ?? '')}${reasons.length > 1 ? ` (+${reasons.length - 1})` : ''}`,
      ]),
      [false, false, false, true, true, true, false, true, false],
    ),
  );
  const statuses: readonly FleetStatus[] = ['unreachable', 'critical', 'warning', 'unknown', 'fine'];
  writeLine(`\n${rows.length} checked: ${statuses.map((status) => `${count(status)} ${status}`).join(', ')}`);
}
