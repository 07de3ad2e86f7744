import { create } from 'zustand';

import type { Failure } from '#contract/failure.ts';
import type { LogExportFormat } from '#contract/logs.ts';

import { saveFile } from '../../lib/save-file.ts';
import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { showFailureToast } from '../../ui/toast.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

export const reportTabs = ['statements', 'plans', 'errors', 'locks', 'temp', 'maintenance', 'missing'] as const;
export type ReportTab = (typeof reportTabs)[number];

/** A file that goes from the window to Steward. */
export interface Sending {
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly controller: AbortController;
}

interface LogsState {
  /** The import on screen; null for the list. */
  readonly openId: string | null;
  readonly tab: ReportTab;
  readonly search: string;
  readonly selected: Readonly<Partial<Record<ReportTab, string>>>;
  readonly detailHeight: number;
  readonly sending: Sending | null;
  readonly failure: Failure | null;
  /** Shown when its job is done, by the id of the job. */
  readonly awaited: { readonly jobId: string; readonly importId: string } | null;
}

/** What the logs section shows. Outlives the view. */
export const useLogs = create<LogsState>(() => ({
  openId: null,
  tab: 'statements',
  search: '',
  selected: {},
  detailHeight: 300,
  sending: null,
  failure: null,
  awaited: null,
}));

const { getState, setState } = useLogs;

export function openLogsHome(): void {
  setState({ openId: null, failure: null });
}

export function openImport(openId: string): void {
  setState({ openId, tab: 'statements', search: '', selected: {}, failure: null });
}

export function showReportTab(tab: ReportTab): void {
  setState({ tab });
}

export function searchLog(search: string): void {
  setState({ search });
}

/** Chooses a row of a tab; null shows none. */
export function selectRow(tab: ReportTab, key: string | null): void {
  setState(({ selected: { [tab]: _before, ...others } }) => ({
    selected: key === null ? others : { ...others, [tab]: key },
  }));
}

export function setDetailHeight(detailHeight: number): void {
  setState({ detailHeight });
}

export function dismissFailure(): void {
  setState({ failure: null });
}

/** Called when the jobs change: opens the import that was waited for. */
export function importEnded(jobId: string, done: boolean): void {
  const { awaited } = getState();
  if (awaited?.jobId !== jobId) return;
  setState({ awaited: null });
  if (done) openImport(awaited.importId);
}

/** Reads a file or folder on the machine that Steward runs on. */
export async function importPath(path: string): Promise<void> {
  await begin({ path });
}

const partBytes = 1024 * 1024;
/** A pasted text that is longer goes the way of a file. */
const mostPasted = 2_000_000;

/** Reads a text that was pasted. */
export async function importText(text: string): Promise<void> {
  if (text.length > mostPasted) await importFile(new File([text], 'Pasted log'));
  else await begin({ text });
}

/** Takes a file of the window, in parts of a megabyte: the whole is never in memory. */
export async function importFile(file: File): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const tell = (doneBytes: number) =>
    setState({ sending: { name: file.name, doneBytes, totalBytes: file.size, controller } });
  let uploadId: string | null = null;
  setState({ failure: null });
  tell(0);
  try {
    ({ uploadId } = await client.logs.beginUpload({ name: file.name.trim().slice(0, 500) || 'Log' }, { signal }));
    for (let at = 0; at < file.size; at += partBytes) {
      signal.throwIfAborted();
      const bytes = await file.slice(at, at + partBytes).arrayBuffer();
      await client.logs.uploadPart({ uploadId, base64: await base64Of(bytes) }, { signal });
      tell(Math.min(file.size, at + partBytes));
    }
    setState({ sending: null });
    await begin({ uploadId });
  } catch (error) {
    if (uploadId !== null) void client.logs.abandonUpload({ uploadId }).catch(() => {});
    setState({ sending: null, failure: signal.aborted ? null : failureOf(error) });
  }
}

/** The browser's own encoder, which does not stop the window as a loop over bytes would. */
async function base64Of(bytes: ArrayBuffer): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The file cannot be read')));
    reader.readAsDataURL(new Blob([bytes]));
  });
  return url.slice(url.indexOf(',') + 1);
}

async function begin(source: { path: string } | { text: string } | { uploadId: string }): Promise<void> {
  setState({ failure: null });
  try {
    const connectionId = useWorkbench.getState().activeConnectionId;
    setState({ awaited: await client.logs.import({ ...source, connectionId }) });
  } catch (error) {
    setState({ failure: failureOf(error) });
  }
}

/** Forgets an import. */
export async function removeImport(id: string): Promise<void> {
  try {
    await client.logs.remove({ id });
    if (getState().openId === id) openLogsHome();
    await queryClient.invalidateQueries({ queryKey: rpcKey('logs', 'list') });
  } catch (error) {
    showFailureToast(error, 'Not removed');
  }
}

/** Gives the statements of an import as a file. */
export async function exportStatements(id: string, format: LogExportFormat): Promise<void> {
  try {
    const { text, fileName, mediaType } = await client.logs.export({ id, format });
    saveFile(fileName, new Blob([text], { type: mediaType }));
  } catch (error) {
    showFailureToast(error, 'Not exported');
  }
}

/** Shows a plan of an import in the plan reader. */
export async function openLogPlan(id: string, number: number): Promise<void> {
  try {
    const { plan, source } = await client.logs.plan({ id, number });
    const body = source.replaceAll(/\r?\n/g, '\n\t');
    await runCommandWith('plans.openSource', {
      source: `LOG:  duration: ${plan.durationMs} ms  plan:\n\t${body}\n`,
    });
  } catch (error) {
    showFailureToast(error, 'The plan was not opened');
  }
}
