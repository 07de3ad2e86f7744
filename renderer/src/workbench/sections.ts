import {
  Activity,
  Archive,
  Database,
  FileText,
  GitBranch,
  HeartPulse,
  LayoutDashboard,
  Network,
  ScrollText,
  Settings,
  SquareTerminal,
  Timer,
  Workflow,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { lazy } from 'react';
import type { ComponentType } from 'react';

import { ConnectionsView } from '../features/connections/connections-view.tsx';

/** One place of the rail. */
export interface Section {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** For example `Mod+2`. */
  readonly shortcut?: string;
  /** `none`: not on the rail; commands lead there. */
  readonly placement: 'top' | 'bottom' | 'none';
  /** The section itself. In a section with tabs it is shown while none of its tabs is open. */
  readonly view: ComponentType;
  /** What stands in the resizable panel on the left. */
  readonly sidePanel?: ComponentType;
  /** Shows the tab bar. The kinds of tabs that belong here name this section in `tab-kinds.ts`. */
  readonly tabs?: boolean;
  /** With tabs: the title of a first, fixed tab that holds `view`. */
  readonly homeTitle?: string;
}

/**
 * What the rail shows, in its order. A section that is not built is not listed: adding one is adding its line.
 * Views are loaded when they are first opened, so a line costs nothing at the start.
 */
export const sections: readonly Section[] = [
  {
    id: 'connections',
    label: 'Connections',
    icon: Database,
    shortcut: 'Mod+1',
    placement: 'top',
    // Where most people arrive: not loaded later, since React holds what comes after a placeholder back for 300 ms.
    view: ConnectionsView,
  },
  {
    id: 'fleet',
    label: 'Fleet',
    icon: LayoutDashboard,
    shortcut: 'Mod+8',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/fleet/fleet-view.tsx')).FleetView })),
  },
  {
    id: 'schema',
    label: 'Schema',
    icon: Network,
    shortcut: 'Mod+2',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/schema/diagram/schema-view.tsx')).SchemaView })),
    sidePanel: lazy(async () => ({
      default: (await import('../features/schema/explorer/explorer-panel.tsx')).ExplorerPanel,
    })),
    tabs: true,
    homeTitle: 'Diagram',
  },
  {
    id: 'query',
    label: 'Query',
    icon: SquareTerminal,
    shortcut: 'Mod+3',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/query/query-home-view.tsx')).QueryHomeView })),
    sidePanel: lazy(async () => ({ default: (await import('../features/query/history-panel.tsx')).HistoryPanel })),
    tabs: true,
  },
  {
    id: 'plans',
    label: 'Plans',
    icon: Workflow,
    shortcut: 'Mod+4',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/plans/plans-home-view.tsx')).PlansHomeView })),
    tabs: true,
    homeTitle: 'Plans',
  },
  {
    id: 'health',
    label: 'Health',
    icon: HeartPulse,
    shortcut: 'Mod+5',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/health/health-view.tsx')).HealthView })),
    sidePanel: lazy(async () => ({ default: (await import('../features/health/health-panel.tsx')).HealthPanel })),
  },
  {
    id: 'activity',
    label: 'Activity',
    icon: Activity,
    // Mod+0 is the window's own: it resets the zoom.
    shortcut: 'Mod+Shift+A',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/activity/activity-view.tsx')).ActivityView })),
  },
  {
    id: 'statements',
    label: 'Slow queries',
    icon: Timer,
    shortcut: 'Mod+Shift+S',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/statements/statements-view.tsx')).StatementsView })),
  },
  {
    id: 'migrations',
    label: 'Migrations',
    icon: GitBranch,
    shortcut: 'Mod+6',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/migrations/migrations-view.tsx')).MigrationsView })),
    sidePanel: lazy(async () => ({
      default: (await import('../features/migrations/migrations-panel.tsx')).MigrationsPanel,
    })),
  },
  {
    id: 'backups',
    label: 'Backups',
    icon: Archive,
    shortcut: 'Mod+7',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/backups/backups-view.tsx')).BackupsView })),
  },
  {
    id: 'audit',
    label: 'Audit',
    icon: ScrollText,
    shortcut: 'Mod+9',
    placement: 'top',
    view: lazy(async () => ({ default: (await import('../features/audit/audit-view.tsx')).AuditView })),
  },
  {
    id: 'logs',
    label: 'Server logs',
    icon: FileText,
    placement: 'none',
    view: lazy(async () => ({ default: (await import('../features/logs/logs-view.tsx')).LogsView })),
  },
  {
    id: 'settings',
    label: 'Settings',
    icon: Settings,
    shortcut: 'Mod+,',
    placement: 'bottom',
    view: lazy(async () => ({ default: (await import('../features/settings/settings-view.tsx')).SettingsView })),
  },
];

/** The section of that id; the first one where there is none, so that stale saved state cannot break the frame. */
export function sectionOf(id: string): Section {
  const found = sections.find((section) => section.id === id) ?? sections[0];
  if (found === undefined) throw new Error('No sections are listed.');
  return found;
}
