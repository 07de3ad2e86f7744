import { TriangleAlert } from 'lucide-react';

import styles from './connections.module.css';

/** What could not be taken from a URL, in words. */
export function UrlWarnings({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <div className={styles['warnings']} role="status">
      {warnings.map((warning) => (
        <p key={warning} className={styles['warningLine']}>
          <TriangleAlert size={14} aria-hidden />
          {warning}
        </p>
      ))}
    </div>
  );
}
