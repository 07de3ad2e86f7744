import { ClipboardPaste, Copy, FileImage, FileText, GitCompareArrows } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { handleCommand, registerCommand } from '../../workbench/commands.ts';
import { activeTab, showSectionHome } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import type { ShownPlan } from './plan-store.ts';

/** Adds the plan commands. */
export function registerPlans(): void {
  handleCommand('plans.explain', async (args) => await (await import('./plan-tabs.ts')).openExplainTab(args));
  handleCommand('plans.openSource', async ({ source }) => {
    await (await import('./open-source.ts')).openSource(source);
  });
  registerCommand({
    id: 'plans.read',
    title: 'Read a pasted plan…',
    group: 'Plans',
    icon: ClipboardPaste,
    run: () => showSectionHome('plans'),
  });
  registerCommand({
    id: 'plans.readClipboard',
    title: 'Read the plan on the clipboard',
    group: 'Plans',
    icon: ClipboardPaste,
    run: async () => await (await import('./open-source.ts')).openPlansOfClipboard(),
  });
  for (const [id, title, icon, act] of shownPlanCommands)
    registerCommand({
      id: `plans.${id}`,
      title,
      group: 'Plans',
      icon,
      enabled: () => activeTab()?.kind === 'plan',
      run: async () => {
        const tab = activeTab();
        const { usePlanTabs } = await import('./plan-store.ts');
        const shown = tab === null ? null : (usePlanTabs.getState()[tab.id]?.shown ?? null);
        if (shown !== null) await act(shown);
      },
    });
  takeDroppedFiles();
  // The same keys as in the query editor: a plan tab explains its own statement again.
  for (const [id, title, shortcut, analyze] of [
    ['plans.explainAgain', 'Explain again', 'Mod+E', false],
    ['plans.analyzeAgain', 'Explain analyze again', 'Mod+Shift+E', true],
  ] as const) {
    registerCommand({
      id,
      title,
      group: 'Plans',
      shortcut,
      enabled: () => statementOf(activeTab()) !== null,
      run: async () => {
        const statement = statementOf(activeTab());
        if (statement === null) return;
        const { explainInTab } = await import('./plan-tabs.ts');
        await explainInTab(statement.tabId, { connectionId: statement.connectionId, sql: statement.sql, analyze });
      },
    });
  }
}

/** What the menu of a plan does, for the palette. */
const shownPlanCommands: readonly (readonly [
  id: string,
  title: string,
  icon: LucideIcon,
  act: (shown: ShownPlan) => Promise<void>,
])[] = [
  ['copyText', 'Copy plan as text', Copy, async ({ index }) => (await import('./plan-export.ts')).copyPlan(index)],
  [
    'copyAnonymised',
    'Copy plan as anonymised text',
    Copy,
    async ({ index }) => (await import('./plan-export.ts')).copyAnonymised(index),
  ],
  [
    'saveText',
    'Save plan as text',
    FileText,
    async ({ index }) => (await import('./plan-export.ts')).savePlanText(index),
  ],
  [
    'saveSvg',
    'Save plan diagram as SVG',
    FileImage,
    async ({ index }) => (await import('./plan-export.ts')).saveDiagramSvg(index),
  ],
  [
    'savePng',
    'Save plan diagram as PNG',
    FileImage,
    async ({ index }) => (await import('./plan-export.ts')).saveDiagramPng(index),
  ],
  [
    'comparePasted',
    'Compare plan with a pasted plan…',
    GitCompareArrows,
    async (shown) => (await import('./compare/open-comparison.ts')).compareWithPasted(shown),
  ],
];

/** A file that is dropped where nobody else takes it is read as a plan. Without this the browser would leave the page. */
function takeDroppedFiles(): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  window.addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  window.addEventListener('drop', (event) => {
    if (event.defaultPrevented || !hasFiles(event)) return;
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    void import('./open-source.ts').then(({ openDropped }) => openDropped(files));
  });
}

function statementOf(
  tab: WorkbenchTab | null,
): { readonly tabId: string; readonly connectionId: string; readonly sql: string } | null {
  if (tab === null || tab.kind !== 'plan' || tab.connectionId === null) return null;
  const { state } = tab;
  if (typeof state !== 'object' || state === null || Array.isArray(state) || typeof state['sql'] !== 'string')
    return null;
  return { tabId: tab.id, connectionId: tab.connectionId, sql: state['sql'] };
}
