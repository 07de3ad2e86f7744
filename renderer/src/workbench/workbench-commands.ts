import { Command as CommandIcon, ListChecks, Moon, PanelLeft, Sun, SunMoon, X } from 'lucide-react';

import { client } from '../rpc/client.ts';
import { applyTheme } from '../theme/theme.ts';
import type { ThemeChoice } from '../theme/theme.ts';

import { registerCommand } from './commands.ts';
import { sectionOf, sections } from './sections.ts';
import { closeTab, showOpenTab } from './tab-actions.ts';
import {
  activeTab,
  setJobTrayOpen,
  setPaletteOpen,
  showSection,
  toggleSidePanel,
  useWorkbench,
} from './workbench-store.ts';

/** Registers what the frame itself can do. Call once. */
export function registerWorkbenchCommands(): void {
  for (const section of sections) {
    registerCommand({
      id: `section.${section.id}`,
      title: `Go to ${section.label}`,
      group: 'Go to',
      icon: section.icon,
      ...(section.shortcut === undefined ? {} : { shortcut: section.shortcut }),
      run: () => showSection(section.id),
    });
  }
  registerCommand({
    id: 'workbench.palette',
    title: 'Open the palette',
    group: 'Window',
    icon: CommandIcon,
    shortcut: 'Mod+K',
    inPalette: false,
    run: () => setPaletteOpen(!useWorkbench.getState().paletteOpen),
  });
  registerCommand({
    id: 'workbench.jobs',
    title: 'Show jobs',
    group: 'Window',
    icon: ListChecks,
    run: () => setJobTrayOpen(true),
  });
  registerCommand({
    id: 'workbench.sidePanel',
    title: 'Show or hide the side panel',
    group: 'Window',
    icon: PanelLeft,
    shortcut: 'Mod+B',
    enabled: () => sectionOf(useWorkbench.getState().activeSectionId).sidePanel !== undefined,
    run: () => toggleSidePanel(useWorkbench.getState().activeSectionId),
  });
  registerTabCommands();
  registerThemeCommand('dark', 'Dark theme', Moon);
  registerThemeCommand('light', 'Light theme', Sun);
  registerThemeCommand('system', 'Theme of the system', SunMoon);
}

function registerTabCommands(): void {
  registerCommand({
    id: 'workbench.closeTab',
    title: 'Close the tab',
    group: 'Window',
    icon: X,
    shortcut: 'Mod+W',
    enabled: () => activeTab() !== null,
    run: async () => {
      const tab = activeTab();
      if (tab !== null) await closeTab(tab);
    },
  });
  for (const [id, title, by, shortcut] of [
    ['workbench.nextTab', 'Next tab', 1, 'Mod+Alt+ArrowRight'],
    ['workbench.previousTab', 'Previous tab', -1, 'Mod+Alt+ArrowLeft'],
  ] as const) {
    registerCommand({
      id,
      title,
      group: 'Window',
      shortcut,
      enabled: () => useWorkbench.getState().tabs.length > 1,
      run: () => stepTab(by),
    });
  }
}

function stepTab(by: 1 | -1): void {
  const { tabs } = useWorkbench.getState();
  const place = tabs.findIndex((tab) => tab.id === activeTab()?.id);
  const next = tabs.at((place + by + tabs.length) % tabs.length);
  if (next !== undefined) showOpenTab(next);
}

function registerThemeCommand(theme: ThemeChoice, title: string, icon: typeof Moon): void {
  registerCommand({
    id: `theme.${theme}`,
    title,
    group: 'Appearance',
    icon,
    run: async () => {
      applyTheme(theme);
      await client.settings.set({ theme });
    },
  });
}
