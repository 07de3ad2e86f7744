import { Copy } from 'lucide-react';

import { copyText } from '../lib/copy-text.ts';
import { formatCount } from '../lib/format-count.ts';
import { layOutJson } from '../lib/lay-out-json.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogSpacer } from '../ui/dialog.tsx';
import { showFailureToast } from '../ui/toast.tsx';

import type { GridColumn } from './result-grid.tsx';
import styles from './result-grid.module.css';

export interface CellDetail {
  readonly row: number;
  readonly column: GridColumn;
  readonly value: string | null;
}

/** One value in full; JSON is laid out. */
export function CellDetailDialog({
  detail,
  onClose,
}: {
  readonly detail: CellDetail | null;
  readonly onClose: () => void;
}) {
  if (detail === null) return null;
  const { column, row, value } = detail;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={column.name}
      description={
        <span className={styles['detailMeta']}>
          {column.type} · row {formatCount(row + 1)}
          {value !== null && ` · ${formatCount(value.length)} characters`}
        </span>
      }
      size="wide"
      footer={
        <>
          <DialogSpacer />
          <Button
            icon={Copy}
            disabled={value === null}
            onClick={() => void copyText(value ?? '').catch(showFailureToast)}
          >
            Copy value
          </Button>
        </>
      }
    >
      <pre className={styles['detailValue']} tabIndex={0} aria-label="Value">
        {value === null ? <span className={styles['null']}>NULL</span> : laidOut(value, column.type)}
      </pre>
    </Dialog>
  );
}

function laidOut(value: string, type: string): string {
  return /^jsonb?$/.test(type) && value.length <= 500_000 ? layOutJson(value) : value;
}
