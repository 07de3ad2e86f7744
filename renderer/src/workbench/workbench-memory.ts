import { sections } from './sections.ts';
import { tabKindOf } from './tab-kinds.ts';
import { readUiMemory, writeUiMemory } from './ui-memory.ts';
import { useWorkbench } from './workbench-store.ts';
import type { Json, WorkbenchState, WorkbenchTab } from './workbench-store.ts';

const memoryKey = 'workbench';

/** Brings back where the user was, then keeps remembering it. Resolves when the frame may be drawn. */
export async function restoreWorkbench(): Promise<void> {
  useWorkbench.setState(readWorkbench(await readUiMemory(memoryKey)));
  let last = JSON.stringify(toMemory(useWorkbench.getState()));
  useWorkbench.subscribe((state) => {
    const memory = toMemory(state);
    const text = JSON.stringify(memory);
    if (text === last) return;
    last = text;
    writeUiMemory(memoryKey, memory);
  });
}

function toMemory(state: WorkbenchState): Json {
  return {
    activeSectionId: state.activeSectionId,
    activeConnectionId: state.activeConnectionId,
    tabs: state.tabs.map(({ id, kind, title, connectionId, state: own }) => ({
      id,
      kind,
      title,
      connectionId,
      state: own,
    })),
    activeTabIds: { ...state.activeTabIds },
    sidePanelWidths: { ...state.sidePanelWidths },
    sidePanelHidden: { ...state.sidePanelHidden },
  };
}

/** Reads a remembered state, leaving out whatever does not fit any more. */
export function readWorkbench(memory: Json): Partial<WorkbenchState> {
  if (!isRecord(memory)) return {};
  const tabs = Array.isArray(memory['tabs']) ? memory['tabs'].flatMap(readTab) : [];
  const sectionId = memory['activeSectionId'];
  const connectionId = memory['activeConnectionId'];
  const activeTabIds = recordOf(memory['activeTabIds'], isString);
  return {
    activeSectionId:
      sections.some((section) => section.id === sectionId) && isString(sectionId) ? sectionId : 'connections',
    activeConnectionId: isString(connectionId) ? connectionId : null,
    tabs,
    activeTabIds: Object.fromEntries(
      Object.entries(activeTabIds).filter(([, id]) => tabs.some((tab) => tab.id === id)),
    ),
    sidePanelWidths: recordOf(memory['sidePanelWidths'], isNumber),
    sidePanelHidden: recordOf(memory['sidePanelHidden'], isBoolean),
  };
}

function readTab(value: Json): WorkbenchTab[] {
  if (!isRecord(value)) return [];
  const { id, kind, title, connectionId, state } = value;
  if (!isString(id) || !isString(kind) || !isString(title) || tabKindOf(kind) === null) return [];
  return [{ id, kind, title, connectionId: isString(connectionId) ? connectionId : null, state: state ?? null }];
}

function recordOf<T extends Json>(value: Json | undefined, fits: (entry: Json) => entry is T): Record<string, T> {
  if (!isRecord(value)) return {};
  const entries: [string, T][] = [];
  for (const [key, entry] of Object.entries(value)) if (fits(entry)) entries.push([key, entry]);
  return Object.fromEntries(entries);
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isString = (value: Json | undefined): value is string => typeof value === 'string';
const isNumber = (value: Json): value is number => typeof value === 'number';
const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';
