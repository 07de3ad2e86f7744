import { useQuery } from '@tanstack/react-query';
import { FileUp, FolderOpen, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { DragEvent, FormEvent } from 'react';

import type { LogImport } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { classNames } from '../../lib/class-names.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useJobs } from '../../rpc/live-lists.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Bytes, Duration } from '../../ui/quantity.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { JobStrip } from '../../workbench/job-strip.tsx';
import { jobsToShow } from '../../workbench/jobs-to-show.ts';
import { PathField } from '../../workbench/path-field.tsx';

import { logPeriod } from './log-words.ts';
import styles from './logs.module.css';
import { dismissFailure, importFile, importPath, importText, openImport, removeImport, useLogs } from './logs-store.ts';

const columns: readonly DataColumn<LogImport>[] = [
  {
    id: 'name',
    header: 'Log',
    width: 200,
    grow: true,
    value: ({ name }) => name,
    cell: (log) => (
      <span className={styles['name']}>
        <button type="button" className={styles['link']} onClick={() => openImport(log.id)}>
          {log.name}
        </button>
        {!log.kept && <Badge tone="warning">not kept</Badge>}
      </span>
    ),
  },
  {
    id: 'imported',
    header: 'Imported',
    width: 110,
    value: ({ importedAt }) => importedAt,
    cell: ({ importedAt }) => <RelativeTime at={importedAt} />,
  },
  {
    id: 'covers',
    header: 'Covers',
    width: 290,
    value: ({ firstAt }) => firstAt,
    cell: ({ firstAt, lastAt, zone }) => <span className={styles['clock']}>{logPeriod(firstAt, lastAt, zone)}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    width: 84,
    align: 'right',
    value: ({ bytes }) => bytes,
    cell: ({ bytes }) => <Bytes bytes={bytes} />,
  },
  {
    id: 'statements',
    header: 'Statements',
    width: 100,
    align: 'right',
    value: ({ statements }) => statements,
    cell: ({ statements }) => formatCount(statements),
  },
  {
    id: 'time',
    header: 'Total time',
    width: 94,
    align: 'right',
    value: ({ totalMs }) => totalMs,
    cell: ({ totalMs }) => <Duration ms={totalMs} />,
  },
  {
    id: 'errors',
    header: 'Errors',
    width: 80,
    align: 'right',
    value: ({ errors }) => errors,
    cell: ({ errors }) => <span className={classNames(errors > 0 && styles['critical'])}>{formatCount(errors)}</span>,
  },
];

/** Takes a log, and lists what was imported. */
export function LogsHome() {
  const list = useQuery({ ...rpcQuery('logs', 'list'), staleTime: 0 });
  const failure = useLogs((state) => state.failure);
  const sending = useLogs((state) => state.sending);
  const jobs = jobsToShow(useJobs(), ['log']);
  const [dragging, setDragging] = useState(false);
  const imports = list.data;

  function drop(event: DragEvent): void {
    event.preventDefault();
    setDragging(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) void importFile(file);
  }

  return (
    <Page
      title="Server logs"
      padded={false}
      summary="Which statements took long, what failed and what waited, from the log of a server. It is read on this machine."
    >
      <div
        className={classNames(styles['home'], dragging && styles['dragging'])}
        onDragOver={(event) => {
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
        }}
        onDrop={drop}
      >
        <ImportBox />
        {sending !== null && (
          <section className={styles['sending']} aria-label={`Taking ${sending.name}`}>
            <span className={styles['text']}>Taking {sending.name}</span>
            <ProgressBar
              label={`Taking ${sending.name}`}
              fraction={sending.totalBytes === 0 ? null : sending.doneBytes / sending.totalBytes}
            />
            <span className={styles['clock']}>
              {formatBytes(sending.doneBytes)} of {formatBytes(sending.totalBytes)}
            </span>
            <Button size="small" onClick={() => sending.controller.abort()}>
              Cancel
            </Button>
          </section>
        )}
        {failure !== null && (
          <FailureView
            failure={failure}
            title="The log was not read"
            actions={
              <Button size="small" look="quiet" onClick={dismissFailure}>
                Dismiss
              </Button>
            }
          />
        )}
        {jobs.map((job) => (
          <JobStrip key={job.id} job={job} />
        ))}
        {list.error !== null && <FailureView failure={failureOf(list.error)} onRetry={() => void list.refetch()} />}
        {list.isPending && <SkeletonRows rows={4} label="Reading the list of imports" />}
        {imports !== undefined && imports.length === 0 && <HowToGetOne />}
        {imports !== undefined && imports.length > 0 && (
          <section className={styles['imports']} aria-label="Imported logs">
            <h2>Imported</h2>
            <div className={styles['importTable']}>
              <DataTable
                label="Imported logs"
                columns={columns}
                rows={imports}
                rowKey={({ id }) => id}
                onOpen={({ id }) => openImport(id)}
                menuEntries={({ id }) => [
                  { label: 'Open', icon: FolderOpen, onSelect: () => openImport(id) },
                  { label: 'Remove', icon: Trash2, danger: true, onSelect: () => void removeImport(id) },
                ]}
                initialSort={{ columnId: 'imported', descending: true }}
              />
            </div>
          </section>
        )}
      </div>
    </Page>
  );
}

function ImportBox() {
  const [path, setPath] = useState('');
  const [text, setText] = useState('');
  const [pasting, setPasting] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (path.trim() !== '') void importPath(path.trim());
  }
  return (
    <section className={styles['importBox']} aria-label="Import a log">
      <form className={styles['importLine']} onSubmit={submit}>
        <div className={styles['path']}>
          <PathField
            kind="file"
            chooseTitle="Choose a log"
            label="File or folder on the machine that Steward runs on"
            placeholder="/var/log/postgresql/postgresql-16-main.log"
            value={path}
            onValueChange={setPath}
            onChoose={(chosen) => {
              setPath(chosen);
              void importPath(chosen);
            }}
          />
        </div>
        <Button type="submit" look="primary" disabled={path.trim() === ''}>
          Read log
        </Button>
        <Button icon={FileUp} onClick={() => chooser.current?.click()}>
          From this browser…
        </Button>
        <Button look="quiet" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
          Paste
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label="Log file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) void importFile(file);
            event.currentTarget.value = '';
          }}
        />
      </form>
      {pasting && (
        <div className={styles['pasteBox']}>
          <textarea
            aria-label="Log to read"
            placeholder="2026-11-29 18:07:36.590 UTC [13365] LOG:  duration: 812.021 ms  statement: select …"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onPaste={(event) => {
              // A long text would be slow to draw: it is read without being shown.
              const pasted = event.clipboardData.getData('text/plain');
              if (pasted.length < 200_000) return;
              event.preventDefault();
              void importText(pasted);
            }}
          />
          <Button disabled={text.trim() === ''} onClick={() => void importText(text)}>
            Read pasted log
          </Button>
        </div>
      )}
      <p className={styles['hint']}>
        stderr with any log_line_prefix, csvlog, jsonlog or syslog, gz or not. Of a folder the newest files are read. Or
        drop a file here.
      </p>
    </section>
  );
}

const whereSql = `select pg_current_logfile(), current_setting('data_directory');
-- rights needed: pg_monitor; the path is relative to the data directory`;
const readSql = `select pg_read_file(pg_current_logfile());
-- rights needed: pg_read_server_files, for logs of moderate size`;

function HowToGetOne() {
  return (
    <section className={styles['teach']} aria-label="How to get a log">
      <h2>No logs yet: how to get one</h2>
      <ol>
        <li>
          <p>Ask the server where its log is. On Debian it is under /var/log/postgresql.</p>
          <SqlBlock sql={whereSql} label="Where the log is" />
        </li>
        <li>
          <p>
            Copy the file here with scp or rsync, or save what the server reads itself. Clouds offer logs in their
            console or by their command line.
          </p>
          <SqlBlock sql={readSql} label="Read the log by SQL" />
        </li>
        <li>
          <p>
            Give its path above. What the server does not log yet is told with the settings that change it, and what
            they cost.
          </p>
        </li>
      </ol>
    </section>
  );
}
