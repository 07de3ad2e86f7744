import { TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useLatest } from '../../../lib/use-latest.ts';
import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { TextField } from '../../../ui/field.tsx';

import { withParsed } from './connection-form.ts';
import type { FormFieldsProps } from './form-fields.ts';
import styles from './form.module.css';

/**
 * Takes a connection string of libpq and fills in the fields while it is pasted or typed. Once it is read and left, it
 * is gone: there may be a password in it, for everybody to see.
 */
export function UrlField({ onChange }: Pick<FormFieldsProps, 'onChange'>) {
  const [url, setUrl] = useState('');
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [read, setRead] = useState(false);
  const latest = useLatest(onChange);

  useEffect(() => {
    setError(null);
    setRead(false);
    if (url.trim() === '') return;
    setWarnings([]);
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      client.connections.parseUrl({ url: url.trim() }, { signal: controller.signal }).then(
        ({ warnings: found, ...parsed }) => {
          if (controller.signal.aborted) return;
          setWarnings(found);
          setRead(true);
          latest.current((before) => withParsed(before, parsed));
        },
        (thrown: unknown) => {
          if (!controller.signal.aborted) setError(failureOf(thrown).message);
        },
      );
    }, 150);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [url, latest]);

  return (
    <div>
      <TextField
        label="Paste a URL or a connection string"
        mono
        autoFocus
        value={url}
        onValueChange={setUrl}
        onBlur={() => {
          if (read) setUrl('');
        }}
        error={error}
        placeholder="postgresql://user:password@host:5432/database?sslmode=require"
      />
      {warnings.length > 0 && (
        <div className={styles['warnings']} role="status">
          {warnings.map((warning) => (
            <p key={warning}>
              <TriangleAlert size={14} aria-hidden />
              {warning}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
