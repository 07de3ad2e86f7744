import { ChevronsUpDown, CirclePlay, History, ListTree, Play, Square, WandSparkles } from 'lucide-react';

import { useConnection, useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { ConnectionDot } from '../../ui/connection-dot.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { runCommand, useIsHandled } from '../../workbench/commands.ts';
import { selectConnection, toggleSidePanel } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import { moveQueryTab } from './query-tabs.ts';
import styles from './query.module.css';
import { useRuns } from './run-store.ts';

export interface QueryToolbarProps {
  readonly tab: WorkbenchTab;
  readonly running: boolean;
}

/** Run, cancel, explain, and the connection that the tab runs on. */
export function QueryToolbar({ tab, running }: QueryToolbarProps) {
  const explainable = useIsHandled('plans.explain');
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label="Query">
      {running ? (
        <Button icon={Square} shortcut="Escape" onClick={() => void runCommand('query.cancel')}>
          Cancel
        </Button>
      ) : (
        <Button look="primary" icon={Play} shortcut="Mod+Enter" onClick={() => void runCommand('query.run')}>
          Run
        </Button>
      )}
      <Button look="quiet" icon={CirclePlay} disabled={running} onClick={() => void runCommand('query.runAll')}>
        Run all
      </Button>
      {explainable && (
        <>
          <span className={styles['divider']} />
          <Button look="quiet" icon={ListTree} disabled={running} onClick={() => void runCommand('query.explain')}>
            Explain
          </Button>
          <Button look="quiet" disabled={running} onClick={() => void runCommand('query.explainAnalyze')}>
            Explain analyze
          </Button>
        </>
      )}
      <span className={styles['divider']} />
      <IconButton
        icon={WandSparkles}
        label="Format SQL"
        shortcut="Mod+Shift+F"
        onClick={() => void runCommand('query.format')}
      />
      <IconButton
        icon={History}
        label="Show or hide the history"
        shortcut="Mod+B"
        onClick={() => toggleSidePanel('query')}
      />
      <span className={styles['space']} />
      <TabConnection tab={tab} running={running} />
    </div>
  );
}

function TabConnection({ tab, running }: QueryToolbarProps) {
  const { data: connections = [] } = useConnections();
  const current = useConnection(tab.connectionId);
  const transaction = useRuns((state) => state.transactions[tab.id]) ?? 'idle';
  const locked = running || transaction !== 'idle';
  return (
    <Menu
      align="end"
      entries={connections.map((connection) => ({
        label: connection.name,
        disabled: locked,
        onSelect: () => {
          if (connection.id === tab.connectionId) return;
          moveQueryTab(tab, connection.id);
          selectConnection(connection.id);
        },
      }))}
      trigger={
        <button
          type="button"
          className={styles['chip']}
          aria-label={current === null ? 'Choose the connection of this tab' : `This tab runs on ${current.name}`}
        >
          <ConnectionDot color={current?.color ?? 'grey'} open={current?.state.kind === 'open'} />
          <span className={styles['chipName']}>
            {current === null ? 'Choose a connection' : `${current.name} / ${current.database}`}
          </span>
          <ChevronsUpDown size={13} className={styles['dim']} aria-hidden />
        </button>
      }
    />
  );
}
