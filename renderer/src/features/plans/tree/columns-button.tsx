import { Columns3 } from 'lucide-react';

import { IconButton } from '../../../ui/icon-button.tsx';
import { Popover } from '../../../ui/popover.tsx';
import { SwitchField } from '../../../ui/switch-field.tsx';

import type { PlanIndex } from '../reader/plan-index.ts';

import { chooseColumn, useColumnChoice } from './column-choice.ts';
import styles from './plan-tree.module.css';
import { hasColumn, treeColumns } from './tree-columns.ts';

/** Chooses the columns of the tree. */
export function ColumnsButton({ index }: { readonly index: PlanIndex }) {
  const chosen = useColumnChoice((choice) => choice.chosen);
  return (
    <Popover
      label="Columns"
      align="end"
      className={styles['columns']}
      trigger={<IconButton icon={Columns3} label="Columns" size="small" />}
    >
      <ColumnSwitches index={index} chosen={chosen} />
    </Popover>
  );
}

function ColumnSwitches({ index, chosen }: { readonly index: PlanIndex; readonly chosen: readonly string[] }) {
  return treeColumns.map((column) => (
    <SwitchField
      key={column.id}
      label={column.header}
      description={hasColumn(index, column) ? column.meaning : `${column.meaning}. Not in this plan`}
      checked={chosen.includes(column.id)}
      onCheckedChange={(shown) => chooseColumn(column.id, shown)}
    />
  ));
}
