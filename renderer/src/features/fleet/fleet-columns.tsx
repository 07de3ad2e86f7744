import { ArrowUp, ChevronRight, FileCheck, FileText, FileX, Loader, RotateCw, ShieldCheck } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { FleetRow } from '#contract/fleet.ts';

import { classNames } from '../../lib/class-names.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { Badge } from '../../ui/badge.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Bytes, Duration } from '../../ui/quantity.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

import {
  type FleetItem,
  connectionShare,
  idShare,
  isStale,
  longestOpenMs,
  reasonOf,
  shortVersion,
} from './fleet-model.ts';
import { refreshFleet, toggleExpanded } from './fleet-store.ts';
import styles from './fleet.module.css';
import { Meter } from './meter.tsx';
import { Sparkline } from './sparkline.tsx';
import { wordsOf } from './status-words.ts';

export interface ColumnContext {
  /** Ranks that stand still while a check runs. */
  readonly rankOf: (item: FleetItem) => number;
  readonly expandedId: string | null;
  readonly nowMs: number;
  readonly refreshSeconds: number;
  /** The folder is not shown where the rows are grouped by it. */
  readonly showsFolder: boolean;
}

/** The columns of the fleet. */
export function fleetColumns(context: ColumnContext): readonly DataColumn<FleetItem>[] {
  const fact = (cell: (row: FleetRow) => ReactNode) => (item: FleetItem) => (
    <Known item={item} context={context}>
      {cell(item.row)}
    </Known>
  );
  return [
    {
      id: 'name',
      header: 'Connection',
      width: 196,
      grow: true,
      value: ({ connection }) => connection.name,
      cell: (item) => <NameCell item={item} context={context} />,
    },
    {
      id: 'worst',
      header: 'Worst first',
      width: 236,
      grow: true,
      value: context.rankOf,
      cell: ({ row }) => <WorstCell row={row} />,
    },
    {
      id: 'version',
      header: 'Version',
      width: 80,
      value: ({ row }) => row.facts?.versionNum ?? null,
      cell: fact((row) => <VersionCell row={row} />),
    },
    {
      id: 'size',
      header: 'Size',
      width: 78,
      align: 'right',
      value: ({ row }) => row.facts?.databaseBytes ?? null,
      cell: fact((row) => <Bytes bytes={row.facts?.databaseBytes} />),
    },
    {
      id: 'growth',
      header: 'Growth',
      width: 64,
      value: ({ row }) => row.growth.perDay7,
      cell: fact((row) => <GrowthCell row={row} />),
    },
    {
      id: 'connections',
      header: 'Used',
      width: 92,
      align: 'right',
      value: ({ row }) => connectionShare(row),
      cell: fact((row) => <ConnectionsCell row={row} />),
    },
    {
      id: 'ids',
      header: 'Ids used',
      width: 74,
      align: 'right',
      value: ({ row }) => idShare(row),
      cell: fact((row) => <IdsCell row={row} />),
    },
    {
      id: 'longest',
      header: 'Longest tx',
      width: 80,
      align: 'right',
      value: ({ row }) => longestOpenMs(row),
      cell: fact((row) => <LongestCell row={row} />),
    },
    {
      id: 'backup',
      header: 'Backup',
      width: 86,
      value: ({ row }) => row.backup?.verifiedAt ?? null,
      cell: ({ row, connection }) => <BackupCell row={row} local={connection.environment === 'local'} />,
    },
    {
      id: 'pending',
      header: 'Pending',
      width: 68,
      align: 'right',
      value: ({ row }) => row.migrations?.pending ?? null,
      cell: fact((row) => <PendingCell row={row} />),
    },
    {
      id: 'report',
      header: 'Report',
      width: 60,
      value: ({ row }) => (row.report === null ? null : row.report.critical * 1e6 + row.report.warning),
      cell: ({ row }) => <ReportCell row={row} />,
    },
    {
      id: 'checked',
      header: 'Checked',
      width: 88,
      value: ({ row }) => row.checkedAt,
      cell: (item) => <CheckedCell item={item} context={context} />,
    },
  ];
}

function NameCell({ item, context }: { readonly item: FleetItem; readonly context: ColumnContext }) {
  const { row, connection } = item;
  const { icon: Icon, word, tone } = wordsOf(row);
  const expanded = context.expandedId === connection.id;
  return (
    <span className={styles['name']} style={{ '--mark': `var(--connection-${connection.color})` } as CSSProperties}>
      <button
        type="button"
        tabIndex={-1}
        className={styles['chevron']}
        aria-label={`${expanded ? 'Hide' : 'Show'} details of ${connection.name}`}
        aria-expanded={expanded}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => toggleExpanded(connection.id)}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <ChevronRight size={14} data-open={expanded ? '' : undefined} aria-hidden />
      </button>
      <Icon size={15} className={styles[tone]} role="img" aria-label={word} />
      <span
        className={styles['nameText']}
        title={[connection.folder, connection.name, `${connection.host}:${connection.port}/${connection.database}`]
          .filter(Boolean)
          .join(' · ')}
      >
        {connection.name}
      </span>
      {context.showsFolder && connection.folder !== '' && (
        <span className={styles['folder']} title={connection.folder}>
          {connection.folder}
        </span>
      )}
      <EnvironmentTag environment={connection.environment} />
    </span>
  );
}

/** Short, since it stands in every row; development and local need no mark. */
function EnvironmentTag({ environment }: Pick<ConnectionEntry, 'environment'>) {
  if (environment !== 'production' && environment !== 'staging') return null;
  return (
    <span className={styles['environment']} title={environment}>
      <Badge tone={environment === 'production' ? 'critical' : 'warning'} caps>
        {environment === 'production' ? 'Prod' : 'Stage'}
      </Badge>
    </span>
  );
}

function WorstCell({ row }: { readonly row: FleetRow }) {
  const { reach, reasons, checking } = row;
  const [worst] = reasons;
  if (reach.kind === 'unchecked' && row.facts === null)
    return <span className={styles['dim']}>{checking === 'no' ? 'Not checked yet' : 'Checking…'}</span>;
  if (worst === undefined) return <span className={styles['dim']}>Nothing to report</span>;
  const calm = worst.severity === 'info';
  const away = reach.kind === 'unreachable' || reach.kind === 'asks';
  // The icon says what kind of thing it is: the server's own words have the room.
  const text = away ? reach.failure.message.replace(/^connect (?=E[A-Z]+ )/, '') : worst.text.replace(/\.$/, '');
  return (
    <span className={styles['worst']}>
      <span className={classNames(styles['worstText'], calm && styles['dim'])} title={worst.text}>
        {text}
      </span>
      {away && (
        <span className={styles['since']}>
          <RelativeTime at={reach.since} />
        </span>
      )}
      {reasons.length > 1 && !away && (
        <span
          className={styles['more']}
          title={reasons
            .slice(1)
            .map(({ text }) => text)
            .join('\n')}
        >
          +{reasons.length - 1}
        </span>
      )}
    </span>
  );
}

function VersionCell({ row }: { readonly row: FleetRow }) {
  const { facts, release } = row;
  if (facts === null) return <Unknown />;
  const behind = release?.behind ?? 0;
  const words = [
    facts.version,
    ...(release?.supported === false ? [`out of support since ${release.endOfLife ?? 'long ago'}`] : []),
    ...(behind > 0 ? [`${behind} minor ${behind === 1 ? 'release' : 'releases'} behind ${release?.newest ?? ''}`] : []),
  ];
  return (
    <span className={styles['version']} title={words.join(', ')}>
      <span className={classNames(styles['mono'], release?.supported === false && styles['warning'])}>
        {shortVersion(facts.version)}
      </span>
      {behind > 0 && (
        <span
          className={classNames(styles['behind'], styles[behind > 1 ? 'warning' : 'info'])}
          aria-label={words.at(-1)}
        >
          <ArrowUp size={11} aria-hidden />
          {behind}
        </span>
      )}
    </span>
  );
}

function GrowthCell({ row }: { readonly row: FleetRow }) {
  const { perDay7 } = row.growth;
  if (perDay7 === null)
    return (
      <span className={styles['dim']} title="Not yet known: it takes two checks a day apart">
        –
      </span>
    );
  const words = `${perDay7 < 0 ? '−' : '+'}${formatBytes(Math.abs(perDay7))} a day over 7 days`;
  return (
    <span title={words} className={styles['growth']}>
      <Sparkline samples={row.growth.samples} />
    </span>
  );
}

function ConnectionsCell({ row }: { readonly row: FleetRow }) {
  const { facts } = row;
  if (facts === null) return <Unknown />;
  const usable = facts.connectionsMax - facts.connectionsReserved;
  return (
    <Meter
      share={connectionShare(row) ?? 0}
      severity={reasonOf(row, 'connections')?.severity ?? null}
      title={`${facts.connectionsUsed} of ${usable} connections that clients may have; ${facts.connectionsReserved} more are reserved`}
    >
      {facts.connectionsUsed}
      <span className={styles['unit']}>/{usable}</span>
    </Meter>
  );
}

function IdsCell({ row }: { readonly row: FleetRow }) {
  const share = idShare(row);
  if (share === null || row.facts === null) return <Unknown />;
  return (
    <Meter
      share={share}
      severity={reasonOf(row, 'xid-age', 'multixact-age')?.severity ?? null}
      title={`Oldest transaction id ${formatCount(row.facts.oldestXidAge)}, oldest multixact ${formatCount(row.facts.oldestMultixactAge)}: ${(share * 100).toFixed(1)} % of the way to the end`}
    >
      {(share * 100).toFixed(0)}
      <span className={styles['unit']}> %</span>
    </Meter>
  );
}

function LongestCell({ row }: { readonly row: FleetRow }) {
  const ms = longestOpenMs(row);
  if (ms === null) return <Unknown why="Sessions of other users are hidden" />;
  if (ms === 0) return <span className={styles['dim']}>none</span>;
  const reason = reasonOf(row, 'idle-in-transaction', 'long-transaction');
  return (
    <span className={classNames(reason !== null && styles[reason.severity])} title={reason?.text}>
      <Duration ms={ms} />
    </span>
  );
}

function BackupCell({ row, local }: { readonly row: FleetRow; readonly local: boolean }) {
  const { backup } = row;
  if (backup === null) return <Unknown why="The list of backups could not be read" />;
  const { verifiedAt, level, unverifiedAt } = backup;
  if (verifiedAt !== null) {
    const late = reasonOf(row, 'backup') !== null;
    const Icon = level === 'restored' ? ShieldCheck : FileCheck;
    return (
      <span
        className={styles['backup']}
        title={`Verified: ${level === 'restored' ? 'restored' : 'read back to its end'}`}
      >
        <Icon size={13} className={styles[late ? 'warning' : 'good']} aria-label={`verified, ${level ?? ''}`} />
        <span className={classNames(late && styles['warning'])}>
          <RelativeTime at={verifiedAt} />
        </span>
      </span>
    );
  }
  if (unverifiedAt !== null)
    return (
      <span className={classNames(styles['backup'], styles['warning'])} title="It was written, and not read back">
        <FileText size={13} aria-label="unverified" />
        <RelativeTime at={unverifiedAt} />
      </span>
    );
  return (
    <span className={classNames(styles['backup'], styles[local ? 'dim' : 'warning'])}>
      <FileX size={13} aria-hidden />
      never
    </span>
  );
}

function PendingCell({ row }: { readonly row: FleetRow }) {
  const { migrations } = row;
  if (migrations === null) return <Unknown why="No migrations folder was opened on this connection" />;
  const differ = migrations.changed + migrations.missing;
  if (migrations.pending === 0 && differ === 0) return <span className={styles['dim']}>0</span>;
  return (
    <span
      className={classNames(differ > 0 && styles['warning'])}
      title={`${migrations.pending} pending, ${migrations.changed} changed, ${migrations.missing} missing in ${migrations.folder}`}
    >
      {migrations.pending}
      {differ > 0 && '!'}
    </span>
  );
}

function ReportCell({ row }: { readonly row: FleetRow }) {
  const { report } = row;
  if (report === null) return <span className={styles['dim']}>none</span>;
  return (
    <span
      className={styles['report']}
      title={`${report.critical} critical, ${report.warning} warnings, ${report.info} notes on ${report.takenAt.slice(0, 10)}`}
    >
      <span className={styles[report.critical > 0 ? 'critical' : 'dim']}>{report.critical}</span>
      <span className={styles['unit']}>/</span>
      <span className={styles[report.warning > 0 ? 'warning' : 'dim']}>{report.warning}</span>
    </span>
  );
}

function CheckedCell({ item, context }: { readonly item: FleetItem; readonly context: ColumnContext }) {
  const { row, connection } = item;
  const stale = isStale(row, context.nowMs, context.refreshSeconds);
  return (
    <span className={styles['checked']}>
      <span className={classNames(styles['dim'], styles['checkedTime'], stale && styles['warning'])}>
        {row.checkedAt === null ? 'never' : <RelativeTime at={row.checkedAt} />}
      </span>
      {row.checking === 'no' ? (
        <IconButton
          icon={RotateCw}
          size="small"
          tabIndex={-1}
          className={styles['rowRefresh']}
          label={`Check ${connection.name} now`}
          onClick={() => void refreshFleet([connection.id])}
        />
      ) : (
        <span className={styles['working']} title={row.checking === 'running' ? 'Checking' : 'Waiting for its turn'}>
          <Loader size={13} className={styles[row.checking === 'running' ? 'accent' : 'dim']} aria-hidden />
        </span>
      )}
    </span>
  );
}

/** A number of the last check: dimmed where that is not what the server would say now. */
function Known({
  item,
  context,
  children,
}: {
  readonly item: FleetItem;
  readonly context: ColumnContext;
  readonly children: ReactNode;
}) {
  if (item.row.facts === null) return <Unknown />;
  const stale = isStale(item.row, context.nowMs, context.refreshSeconds);
  return <span className={classNames(styles['known'], stale && styles['stale'])}>{children}</span>;
}

function Unknown({ why = 'Not known' }: { readonly why?: string }) {
  return (
    <span className={styles['dim']} title={why}>
      –
    </span>
  );
}
