import { create } from 'zustand';

import type { AuditAction, AuditEntry, AuditExportFormat, AuditFilter, AuditOutcome } from '#contract/audit.ts';

import { copyText } from '../../lib/copy-text.ts';
import { client } from '../../rpc/client.ts';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import { rangeStart } from './audit-words.ts';
import type { TimeRange } from './audit-words.ts';

export interface ShownFilter {
  readonly search: string;
  readonly connectionId: string | null;
  readonly action: AuditAction | null;
  readonly outcome: AuditOutcome | null;
  readonly range: TimeRange;
}

interface AuditState {
  readonly filter: ShownFilter;
  readonly selectedId: string | null;
  readonly detailHeight: number;
  /** Exports whose end was taken off the view. */
  readonly dismissed: ReadonlySet<string>;
  /** Counts up to ask for the search field. */
  readonly searchAsked: number;
}

export const everything: ShownFilter = { search: '', connectionId: null, action: null, outcome: null, range: 'any' };

/** What the audit section shows. Outlives the view. */
export const useAudit = create<AuditState>(() => ({
  filter: everything,
  selectedId: null,
  detailHeight: 264,
  dismissed: new Set(),
  searchAsked: 0,
}));

const { getState, setState } = useAudit;

/** Changes what is looked for. */
export function filterAudit(change: Partial<ShownFilter>): void {
  setState((state) => ({ filter: { ...state.filter, ...change } }));
}

export function selectEntry(selectedId: string | null): void {
  setState({ selectedId });
}

export function setDetailHeight(detailHeight: number): void {
  setState({ detailHeight });
}

/** Puts the cursor into the search field. */
export function askSearch(): void {
  setState((state) => ({ searchAsked: state.searchAsked + 1 }));
}

/** The filter as the contract takes it. Pure. */
export function contractFilter(filter: ShownFilter, nowMs: number): AuditFilter {
  const search = filter.search.trim();
  const from = rangeStart(filter.range, nowMs);
  return {
    ...(search === '' ? {} : { search }),
    ...(filter.connectionId === null ? {} : { connectionId: filter.connectionId }),
    ...(filter.action === null ? {} : { actions: [filter.action] }),
    ...(filter.outcome === null ? {} : { outcomes: [filter.outcome] }),
    ...(from === undefined ? {} : { from }),
  };
}

/** Begins an export of what is shown. Its job tells the rest. */
export async function exportAudit(format: AuditExportFormat): Promise<void> {
  try {
    await client.audit.export({ format, filter: contractFilter(getState().filter, Date.now()) });
  } catch (error) {
    showFailureToast(error, 'The export was not started');
  }
}

/** Shows the file of an export in the file manager; where there is none, copies its path and says where it is. */
export async function revealExport(jobId: string): Promise<void> {
  try {
    const { path, shown } = await client.audit.reveal({ jobId });
    if (shown) return;
    await copyText(path);
    showToast({ kind: 'info', title: 'Path copied', description: path });
  } catch (error) {
    showFailureToast(error, 'Not revealed');
  }
}

export function dismissExport(jobId: string): void {
  setState((state) => ({ dismissed: new Set([...state.dismissed, jobId]) }));
}

/** Copies a text and says what it was. */
export async function copied(text: string, title: string): Promise<void> {
  try {
    await copyText(text);
    showToast({ kind: 'good', title });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}

/** An entry as JSON, for a ticket. */
export function copyEntry(entry: AuditEntry): Promise<void> {
  return copied(JSON.stringify(entry, null, 2), 'Entry copied');
}
