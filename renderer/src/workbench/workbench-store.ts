import { create } from 'zustand';

/** JSON, as the UI state is kept. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One open tab. What it shows is found by its kind; `state` is that kind's own and survives a restart. */
export interface WorkbenchTab {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  /** The connection that it was opened on, and that it keeps when the current one changes. */
  readonly connectionId: string | null;
  readonly state: Json;
}

export interface WorkbenchState {
  readonly activeSectionId: string;
  readonly activeConnectionId: string | null;
  readonly tabs: readonly WorkbenchTab[];
  /** By section; a section without an entry shows its own view. */
  readonly activeTabIds: Readonly<Record<string, string>>;
  /** Width in pixels by section. */
  readonly sidePanelWidths: Readonly<Record<string, number>>;
  readonly sidePanelHidden: Readonly<Record<string, boolean>>;
  readonly paletteOpen: boolean;
  readonly jobTrayOpen: boolean;
}

/** The frame's state: where the user is. What survives a restart is listed in `workbench-memory.ts`. */
export const useWorkbench = create<WorkbenchState>(() => ({
  activeSectionId: 'connections',
  activeConnectionId: null,
  tabs: [],
  activeTabIds: {},
  sidePanelWidths: {},
  sidePanelHidden: {},
  paletteOpen: false,
  jobTrayOpen: false,
}));

const { getState, setState } = useWorkbench;

/** Goes to a section: to its last tab, or to its own view. */
export function showSection(sectionId: string): void {
  setState({ activeSectionId: sectionId });
}

/** Goes to a section's own view, leaving its tabs open. */
export function showSectionHome(sectionId: string): void {
  setState((state) => {
    const { [sectionId]: _left, ...activeTabIds } = state.activeTabIds;
    return { activeSectionId: sectionId, activeTabIds };
  });
}

/** Makes a connection the current one. It does not open it. */
export function selectConnection(connectionId: string | null): void {
  setState({ activeConnectionId: connectionId });
}

/** Shows a tab, and with it the section and the connection that it belongs to. */
export function showTab(tabId: string, sectionId: string): void {
  setState((state) => {
    const tab = state.tabs.find((candidate) => candidate.id === tabId);
    if (tab === undefined) return {};
    return {
      activeSectionId: sectionId,
      activeTabIds: { ...state.activeTabIds, [sectionId]: tabId },
      activeConnectionId: tab.connectionId ?? state.activeConnectionId,
    };
  });
}

/** Adds a tab behind the others and shows it. A tab of the same id is only shown, with its new title and state. */
export function openTab(tab: WorkbenchTab, sectionId: string): void {
  setState((state) => {
    const known = state.tabs.some((candidate) => candidate.id === tab.id);
    return {
      tabs: known ? state.tabs.map((candidate) => (candidate.id === tab.id ? tab : candidate)) : [...state.tabs, tab],
    };
  });
  showTab(tab.id, sectionId);
}

/** Changes the title, connection or state of a tab. */
export function updateTab(tabId: string, change: Partial<Omit<WorkbenchTab, 'id' | 'kind'>>): void {
  setState((state) => ({ tabs: state.tabs.map((tab) => (tab.id === tabId ? { ...tab, ...change } : tab)) }));
}

/** Takes a tab off the bar and shows its neighbour. Use `closeTab` of `tab-actions.ts`, which lets the tab clean up. */
export function removeTab(tabId: string, sectionId: string, neighbourId: string | null): void {
  setState((state) => {
    const { [sectionId]: active, ...others } = state.activeTabIds;
    const next = active === tabId ? neighbourId : (active ?? null);
    return {
      tabs: state.tabs.filter((tab) => tab.id !== tabId),
      activeTabIds: next === null ? others : { ...others, [sectionId]: next },
    };
  });
}

/** Moves a tab to another place of the bar. */
export function moveTab(tabId: string, toIndex: number): void {
  setState((state) => {
    const tab = state.tabs.find((candidate) => candidate.id === tabId);
    if (tab === undefined) return {};
    const others = state.tabs.filter((candidate) => candidate.id !== tabId);
    return { tabs: [...others.slice(0, toIndex), tab, ...others.slice(toIndex)] };
  });
}

export function setSidePanelWidth(sectionId: string, width: number): void {
  setState((state) => ({ sidePanelWidths: { ...state.sidePanelWidths, [sectionId]: Math.round(width) } }));
}

export function toggleSidePanel(sectionId: string): void {
  setState((state) => ({
    sidePanelHidden: { ...state.sidePanelHidden, [sectionId]: !(state.sidePanelHidden[sectionId] ?? false) },
  }));
}

export function setPaletteOpen(paletteOpen: boolean): void {
  setState({ paletteOpen });
}

export function setJobTrayOpen(jobTrayOpen: boolean): void {
  setState({ jobTrayOpen });
}

/** The tab that is on screen, or null. */
export function activeTab(state: WorkbenchState = getState()): WorkbenchTab | null {
  const tabId = state.activeTabIds[state.activeSectionId];
  return state.tabs.find((tab) => tab.id === tabId) ?? null;
}
