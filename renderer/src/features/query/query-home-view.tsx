import { SquareTerminal } from 'lucide-react';

import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { runCommand } from '../../workbench/commands.ts';

/** The query section while no query is open. */
export function QueryHomeView() {
  return (
    <EmptyState
      icon={SquareTerminal}
      title="No query open"
      actions={
        <Button look="primary" shortcut="Mod+T" onClick={() => void runCommand('query.new')}>
          New query
        </Button>
      }
    >
      Write SQL and run it here. Tabs stay open across restarts, and nothing in them runs by itself.
    </EmptyState>
  );
}
