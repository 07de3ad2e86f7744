import { create } from 'zustand';

import { readUiMemory, writeUiMemory } from '../../../workbench/ui-memory.ts';

import { defaultColumns, treeColumns } from './tree-columns.ts';

const memoryKey = 'plans.tree-columns';
let reading: Promise<void> | null = null;

/** The columns of the tree as they were last chosen, by id. */
export const useColumnChoice = create<{ readonly chosen: readonly string[] }>(() => ({ chosen: defaultColumns }));

/** Brings back the columns of an earlier window, once. */
export function readColumnChoice(): Promise<void> {
  reading ??= readUiMemory(memoryKey).then((memory) => {
    if (!Array.isArray(memory)) return;
    const known = new Set(treeColumns.map(({ id }) => id));
    useColumnChoice.setState({ chosen: memory.filter((id): id is string => typeof id === 'string' && known.has(id)) });
  });
  return reading;
}

/** Shows or hides a column, also in later windows. */
export function chooseColumn(id: string, isShown: boolean): void {
  const { chosen } = useColumnChoice.getState();
  const next = isShown ? [...chosen, id] : chosen.filter((other) => other !== id);
  useColumnChoice.setState({ chosen: next });
  writeUiMemory(memoryKey, [...next]);
}
