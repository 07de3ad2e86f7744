import { Button } from '../../../ui/button.tsx';
import { countOf } from '../../../lib/format-count.ts';

import { referrersOf } from './diagram-graph.ts';
import type { DiagramGraph } from './diagram-graph.ts';
import { changeView } from './diagram-store.ts';
import type { DiagramScope } from './diagram-view-state.ts';
import styles from './diagram.module.css';

interface HubNoticeProps {
  readonly connectionId: string;
  readonly graph: DiagramGraph;
  readonly scope: DiagramScope;
}

/** Says what a picture of a hub leaves out, and shows it on request. */
export function HubNotice({ connectionId, graph, scope }: HubNoticeProps) {
  if (scope.kind !== 'focus' || !graph.hubs.has(scope.table)) return null;
  const table = graph.tables.get(scope.table);
  const count = referrersOf(graph, scope.table);
  return (
    <p className={styles['notice']} role="status">
      <span>
        {countOf(count, 'table refers', 'tables refer')} to {table?.name}.{' '}
        {scope.wholeHub ? 'Their keys stand on their rows.' : 'They are left out.'}
      </span>
      <Button size="small" onClick={() => changeView(connectionId, { scope: { ...scope, wholeHub: !scope.wholeHub } })}>
        {scope.wholeHub ? 'Leave them out' : 'Show them'}
      </Button>
    </p>
  );
}
