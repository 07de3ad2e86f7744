import { useEffect } from 'react';

import { classNames } from '../lib/class-names.ts';
import { useConnection, useConnections } from '../rpc/live-lists.ts';
import { SplitPane } from '../ui/split-pane.tsx';

import { ConnectionBarView } from './connection-bar-view.tsx';
import { startKeyboard } from './keyboard.ts';
import { PaletteDialog } from './palette-dialog.tsx';
import { RailView } from './rail-view.tsx';
import { StrangerNotice } from './stranger-notice.tsx';
import { sectionOf } from './sections.ts';
import type { Section } from './sections.ts';
import { StatusBarView } from './status-bar-view.tsx';
import { TabBarView } from './tab-bar-view.tsx';
import { tabKindOf } from './tab-kinds.ts';
import { ViewBoundary } from './view-boundary.tsx';
import { activeTab, selectConnection, setSidePanelWidth, useWorkbench } from './workbench-store.ts';
import styles from './workbench.module.css';

const defaultSidePanelWidth = 264;

/** The frame of the app: rail, connection bar, the section on screen, status bar. */
export function WorkbenchView() {
  const section = sectionOf(useWorkbench((state) => state.activeSectionId));
  const current = useConnection(useWorkbench((state) => state.activeConnectionId));
  const production = current?.environment === 'production';
  useEffect(startKeyboard, []);
  useFirstConnection();
  useEffect(() => {
    document.documentElement.toggleAttribute('data-production', production);
    document.title = current === null ? 'Steward' : `${current.name}${production ? ' (PRODUCTION)' : ''} · Steward`;
  }, [current, production]);
  return (
    <div className={classNames(styles['workbench'], production && styles['production'])}>
      <RailView />
      <ConnectionBarView />
      <main className={styles['main']} aria-label={section.label}>
        <SectionFrame key={section.id} section={section} />
      </main>
      <StatusBarView />
      <PaletteDialog />
      <StrangerNotice />
    </div>
  );
}

/** Chooses an open connection where none is chosen, or where the chosen one was removed. */
function useFirstConnection(): void {
  const { data: connections } = useConnections();
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  useEffect(() => {
    if (connections === undefined || connections.some((connection) => connection.id === activeConnectionId)) return;
    const next = connections.find((connection) => connection.state.kind === 'open')?.id ?? null;
    if (next !== activeConnectionId) selectConnection(next);
  }, [connections, activeConnectionId]);
}

function SectionFrame({ section }: { readonly section: Section }) {
  const width = useWorkbench((state) => state.sidePanelWidths[section.id]) ?? defaultSidePanelWidth;
  const hidden = useWorkbench((state) => state.sidePanelHidden[section.id]) ?? false;
  const SidePanel = section.sidePanel;
  const content = (
    <div className={styles['column']}>
      {section.tabs === true && <TabBarView />}
      <div className={styles['grow']}>
        <SectionContent section={section} />
      </div>
    </div>
  );
  if (SidePanel === undefined || hidden) return <div className={styles['content']}>{content}</div>;
  return (
    <SplitPane
      direction="horizontal"
      fixed="first"
      size={width}
      onSizeChange={(next) => setSidePanelWidth(section.id, next)}
      min={180}
      minRest={360}
      label="Width of the side panel"
      first={
        <aside className={styles['sidePanel']} aria-label={`${section.label} panel`}>
          <ViewBoundary>
            <SidePanel />
          </ViewBoundary>
        </aside>
      }
      second={content}
    />
  );
}

function SectionContent({ section }: { readonly section: Section }) {
  const tab = useWorkbench((state) => activeTab(state));
  const kind = tab === null ? null : tabKindOf(tab.kind);
  const View = section.view;
  return (
    <ViewBoundary key={kind?.kind ?? 'home'}>
      {tab !== null && kind !== null ? <kind.view.View tab={tab} /> : <View />}
    </ViewBoundary>
  );
}
