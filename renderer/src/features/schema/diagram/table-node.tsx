import { Handle, Position } from '@xyflow/react';
import type { NodeProps } from '@xyflow/react';
import { KeyRound, Link2 } from 'lucide-react';
import { memo } from 'react';
import type { CSSProperties } from 'react';

import { classNames } from '../../../lib/class-names.ts';
import { countOf } from '../../../lib/format-count.ts';

import { focusTable } from './diagram-store.ts';
import styles from './diagram.module.css';
import type { TableNode } from './flow-elements.ts';
import { emphasisOf, useRelated } from './related-tables.ts';
import type { CardRow, TableCard } from './table-card.ts';

/** A table as a card. */
export const TableNodeView = memo(function TableNodeView({ id, data }: NodeProps<TableNode>) {
  const { card, color, connectionId } = data;
  const emphasis = emphasisOf(useRelated(), id);
  return (
    <div
      className={styles['card']}
      data-emphasis={emphasis}
      style={{ width: card.width, height: card.height, '--schema-color': color } as CSSProperties}
    >
      <Handle id="end" type="source" position={Position.Right} isConnectable={false} className={styles['handle']} />
      <div
        className={classNames(styles['cardHeader'], card.height <= 32 && styles['cardHeaderOnly'])}
        title={`${card.schema}.${card.name}`}
      >
        <span className={styles['schemaBar']} />
        <span className={styles['cardName']}>{card.name}</span>
        <span className={styles['cardAmount']}>{card.amount}</span>
      </div>
      {card.height > 32 && (
        <div className={styles['cardBody']}>
          {card.rows.map((row) => (
            <ColumnRow key={row.name} row={row} connectionId={connectionId} />
          ))}
          {card.folded > 0 && <div className={styles['folded']}>+ {countOf(card.folded, 'column')}</div>}
        </div>
      )}
      <FarName card={card} />
    </div>
  );
});

function ColumnRow({ row, connectionId }: { readonly row: CardRow; readonly connectionId: string }) {
  const { hub } = row;
  return (
    <div className={styles['columnRow']}>
      {row.primary ? (
        <KeyRound size={12} className={styles['primary']} aria-label="Primary key" />
      ) : row.foreign ? (
        <Link2 size={12} className={styles['foreign']} aria-label="Foreign key" />
      ) : (
        <span className={styles['noKey']} />
      )}
      <span
        className={classNames(styles['columnName'], row.primary && styles['keyName'])}
        title={`${row.name} ${row.type}${row.notNull ? ' not null' : ''}`}
      >
        {row.name}
      </span>
      {hub === null ? (
        <span className={styles['columnType']}>{row.type}</span>
      ) : (
        <button
          type="button"
          className={classNames(styles['hubChip'], 'nodrag', 'nopan')}
          title={`References ${hub.key}, which many tables refer to`}
          aria-label={`Focus on ${hub.name}`}
          onClick={(event) => {
            event.stopPropagation();
            focusTable(connectionId, hub.key);
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          → {hub.name}
        </button>
      )}
    </div>
  );
}

/** What is readable from afar: the name alone, as large as the card allows. */
function FarName({ card }: { readonly card: TableCard }) {
  const size = Math.max(15, Math.min(34, (card.width - 24) / (card.name.length * 0.56), card.height * 0.45));
  return (
    <div className={styles['farName']} style={{ fontSize: size }} aria-hidden>
      {card.name}
    </div>
  );
}
