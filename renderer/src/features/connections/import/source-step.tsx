import { useQuery } from '@tanstack/react-query';
import { ChevronRight, FileKey2, FileUp, Server, Terminal } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useRef, useState } from 'react';

import type { ImportSource } from '#contract/connections.ts';

import { countOf } from '../../../lib/format-count.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';

import styles from './import.module.css';

export interface SourceStepProps {
  readonly onMachine: (source: ImportSource) => void;
  readonly onFile: (file: File) => void;
  readonly onText: (text: string) => void;
}

const machineSources = [
  { source: 'pgpass', label: 'Password file', detail: '.pgpass', icon: FileKey2 },
  { source: 'service', label: 'Service file', detail: '.pg_service.conf', icon: Server },
  { source: 'environment', label: 'Environment', detail: 'DATABASE_URL, PGHOST, …', icon: Terminal },
] as const;

/** Where connections are taken from: what is on this machine, a file, or text. */
export function SourceStep({ onMachine, onFile, onText }: SourceStepProps) {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  return (
    <div className={styles['sources']}>
      <section>
        <h3 className={styles['heading']}>On this machine</h3>
        <div className={styles['tiles']}>
          {machineSources.map(({ source, label, detail, icon }) => (
            <MachineTile
              key={source}
              source={source}
              label={label}
              detail={detail}
              icon={icon}
              onChoose={() => onMachine(source)}
            />
          ))}
        </div>
      </section>
      <section>
        <h3 className={styles['heading']}>From a file</h3>
        <div className={styles['file']}>
          <FileUp size={20} aria-hidden />
          <div>
            <p className={styles['strong']}>Drop a file here</p>
            <p>
              servers.json of pgAdmin, data-sources.json of DBeaver, an export of Steward, a service or password file
            </p>
          </div>
          <Button onClick={() => picker.current?.click()}>Choose a file…</Button>
          <input
            ref={picker}
            type="file"
            hidden
            aria-label="File to import"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file !== undefined) onFile(file);
              event.target.value = '';
            }}
          />
        </div>
      </section>
      <section>
        <label className={styles['heading']} htmlFor="import-text">
          Or paste text
        </label>
        <textarea
          id="import-text"
          className={styles['text']}
          rows={4}
          spellCheck={false}
          placeholder={'postgresql://user@host:5432/database\nhost=db.example dbname=orders user=ada'}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className={styles['read']}>
          <Button disabled={text.trim() === ''} onClick={() => onText(text)}>
            Read the text
          </Button>
        </div>
      </section>
    </div>
  );
}

interface MachineTileProps {
  readonly source: ImportSource;
  readonly label: string;
  readonly detail: string;
  readonly icon: LucideIcon;
  readonly onChoose: () => void;
}

/** A source on this machine, with how many connections it holds. */
function MachineTile({ source, label, detail, icon: Icon, onChoose }: MachineTileProps) {
  const { data, error } = useQuery({
    ...rpcQuery('connections', 'readImport', { source }),
    retry: false,
    staleTime: 0,
  });
  const missing = error !== null && failureOf(error).code === 'not_found';
  const none = missing || (data !== undefined && data.candidates.length === 0 && data.warnings.length === 0);
  const words =
    data !== undefined && !none
      ? countOf(data.candidates.length, 'connection')
      : none
        ? 'nothing there'
        : error === null
          ? '…'
          : 'cannot be read';
  return (
    <button type="button" className={styles['tile']} disabled={none} onClick={onChoose}>
      <Icon size={18} aria-hidden />
      <span className={styles['tileWords']}>
        <span className={styles['strong']}>{label}</span>
        <span className={styles['dim']}>{detail}</span>
        <span>{words}</span>
      </span>
      {!none && <ChevronRight size={15} aria-hidden />}
    </button>
  );
}
