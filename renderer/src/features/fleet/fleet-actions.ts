import { Archive, ExternalLink, GitBranch, HeartPulse, RotateCw } from 'lucide-react';

import type { ConnectionEntry } from '#contract/connections.ts';

import type { MenuEntry } from '../../ui/menu.tsx';
import { runCommand } from '../../workbench/commands.ts';
import { openAndSelect } from '../../workbench/connection-actions.ts';
import { showSection } from '../../workbench/workbench-store.ts';

import type { FleetItem } from './fleet-model.ts';
import { refreshFleet } from './fleet-store.ts';

/** Opens the connection, asking what it asks, and looks at its schema. */
export async function openFrom(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  showSection('schema');
}

/** Opens what a row asks an answer for, and stays. */
export async function answerFor(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  await refreshFleet([connection.id]);
}

/** Runs a health report; its page shows how far it is. */
export async function reportOn(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  await runCommand('health.run');
}

/** Shows the newest report without running one. */
export async function showReport(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  showSection('health');
}

/** Backs up with the options of the connection; its page shows how far it is. */
export async function backUpFrom(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  await runCommand('backups.start');
}

/** Shows what is pending. Applies nothing. */
export async function showMigrations(connection: ConnectionEntry): Promise<void> {
  await openAndSelect(connection);
  showSection('migrations');
}

/** What can be done with a row, for the menu. */
export function fleetMenu({ connection }: FleetItem): readonly MenuEntry[] {
  return [
    { label: 'Check now', icon: RotateCw, onSelect: () => void refreshFleet([connection.id]) },
    { label: 'Open', icon: ExternalLink, onSelect: () => void openFrom(connection) },
    { label: 'Run health report', icon: HeartPulse, onSelect: () => void reportOn(connection) },
    { label: 'Back up now', icon: Archive, onSelect: () => void backUpFrom(connection) },
    { label: 'See migrations', icon: GitBranch, onSelect: () => void showMigrations(connection) },
  ];
}
