import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import type { AppStatus, Settings } from '#contract/settings.ts';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useAppStatus } from '../../rpc/live-lists.ts';
import { queryClient, rpcKey, rpcQuery } from '../../rpc/queries.ts';
import { applyTheme, useThemeChoice } from '../../theme/theme.ts';
import { FailureView } from '../../ui/failure-view.tsx';
import { TextField } from '../../ui/field.tsx';
import { Page } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import { PathField } from '../../workbench/path-field.tsx';

import { SecretsSection } from '../secrets/index.ts';
import { ServiceRow } from './service-row.tsx';
import { Row } from './setting-row.tsx';
import styles from './settings.module.css';

const themes = [
  { value: 'system', label: 'System' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const;

/** What can be set, and what Steward says about itself. */
export function SettingsView() {
  const settings = useQuery(rpcQuery('settings', 'get'));
  const status = useAppStatus();
  const error = settings.error ?? status.error;
  const words =
    status.data === undefined
      ? 'Kept on this machine, in plain files.'
      : `Steward ${status.data.version}, ${hostWords[status.data.host]}`;
  return (
    <Page title="Settings" summary={words}>
      {error !== null && <FailureView failure={failureOf(error)} onRetry={() => void settings.refetch()} />}
      {error === null && (settings.data === undefined || status.data === undefined) && (
        <SkeletonRows rows={6} label="Reading the settings" />
      )}
      {settings.data !== undefined && status.data !== undefined && (
        <div className={styles['settings']}>
          <Problems status={status.data} />
          <General settings={settings.data} />
          <SecretsSection />
          <Services status={status.data} />
          <Places status={status.data} />
        </div>
      )}
    </Page>
  );
}

const hostWords: Readonly<Record<AppStatus['host'], string>> = {
  desktop: 'desktop app',
  headless: 'served to this browser',
  cli: 'command line',
};

function General({ settings }: { readonly settings: Settings }) {
  const theme = useThemeChoice();
  return (
    <section className={styles['group']} aria-label="General">
      <h2>General</h2>
      <Row name="Theme">
        <Segmented
          label="Theme"
          options={themes}
          value={theme}
          onValueChange={(next) => {
            applyTheme(next);
            void change({ theme: next });
          }}
        />
      </Row>
      <Row name="Backup folder" hint="Where backups go when no other folder is chosen.">
        <SettledField
          label="Backup folder"
          className={styles['wide']}
          mono
          folder
          value={settings.backupDirectory ?? ''}
          placeholder="backups in the data folder"
          onSettle={(text) => change({ backupDirectory: text.trim() === '' ? null : text.trim() })}
        />
      </Row>
      <Row name="History" hint="Days that queries, plans and reports are kept.">
        <SettledField
          label="History in days"
          className={styles['number']}
          mono
          value={String(settings.historyDays)}
          check={(text) => wholeNumber(text, 1, 3650)}
          onSettle={(text) => change({ historyDays: Number(text) })}
        />
        <span className={styles['dim']}>days</span>
      </Row>
      <Row name="Connect timeout" hint="How long a server may take to answer a new connection.">
        <SettledField
          label="Connect timeout in milliseconds"
          className={styles['number']}
          mono
          value={String(settings.connectTimeoutMs)}
          check={(text) => wholeNumber(text, 500, 120_000)}
          onSettle={(text) => change({ connectTimeoutMs: Number(text) })}
        />
        <span className={styles['dim']}>ms</span>
      </Row>
      <Row name="Fleet" hint="How often the connections are checked while the fleet is on screen.">
        <SettledField
          label="Seconds between checks of the fleet"
          className={styles['number']}
          mono
          value={String(settings.fleetRefreshSeconds)}
          check={(text) => wholeNumber(text, 60, 86_400)}
          onSettle={(text) => change({ fleetRefreshSeconds: Number(text) })}
        />
        <span className={styles['dim']}>s</span>
      </Row>
    </section>
  );
}

function Services({ status }: { readonly status: AppStatus }) {
  return (
    <section className={styles['group']} aria-label="Services">
      <h2>Services</h2>
      <ServiceRow
        name="Local server"
        hint="A PostgreSQL of Steward’s own, for history, the sample database and rehearsals."
        state={status.localServer}
        startable
      />
      <ServiceRow
        name="Store"
        hint="Query history, plans, reports, backups and jobs."
        state={status.store}
        startable={false}
      />
    </section>
  );
}

function Places({ status }: { readonly status: AppStatus }) {
  return (
    <section className={styles['group']} aria-label="Places">
      <h2>Places</h2>
      <Row name="Data folder">
        <span className={styles['path']}>{status.dataDirectory}</span>
      </Row>
    </section>
  );
}

function Problems({ status }: { readonly status: AppStatus }) {
  if (status.problems.length === 0) return null;
  return (
    <section className={styles['group']} aria-label="Problems">
      <h2>Problems</h2>
      {status.problems.map((problem) => (
        <div key={problem.title} className={styles['problem']}>
          <TriangleAlert size={16} aria-hidden />
          <div>
            <p>{problem.title}</p>
            <p>{problem.detail}</p>
          </div>
        </div>
      ))}
    </section>
  );
}

interface SettledFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  /** A folder on the machine that Steward runs on. */
  readonly folder?: boolean;
  readonly className?: string | undefined;
  readonly check?: (text: string) => string | null;
  readonly onSettle: (text: string) => Promise<void>;
}

/** A field that saves when it is left or Enter is pressed. */
function SettledField({
  label,
  value,
  placeholder,
  mono = false,
  folder = false,
  className,
  check,
  onSettle,
}: SettledFieldProps) {
  const [text, setText] = useState(value);
  const error = check?.(text) ?? null;
  function settle(): void {
    if (error === null && text !== value) void onSettle(text);
  }
  const field = {
    label: '',
    'aria-label': label,
    className,
    mono,
    value: text,
    error,
    onValueChange: setText,
    onBlur: settle,
    onKeyDown: (event: { readonly key: string }) => {
      if (event.key === 'Enter') settle();
    },
    ...(placeholder === undefined ? {} : { placeholder }),
  };
  function settleOn(path: string): void {
    setText(path);
    void onSettle(path);
  }
  if (folder)
    return <PathField kind="folder" chooseTitle={`Choose the ${label.toLowerCase()}`} onChoose={settleOn} {...field} />;
  return <TextField {...field} />;
}

function wholeNumber(text: string, least: number, most: number): string | null {
  const number = Number(text);
  return /^\d+$/.test(text.trim()) && number >= least && number <= most ? null : `${least} to ${most}`;
}

async function change(part: Partial<Settings>): Promise<void> {
  try {
    queryClient.setQueryData(rpcKey('settings', 'get'), await client.settings.set(part));
  } catch (error) {
    showFailureToast(error, 'The setting was not saved');
    await queryClient.invalidateQueries({ queryKey: rpcKey('settings', 'get') });
  }
}
