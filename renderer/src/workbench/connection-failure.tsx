import { KeyRound } from 'lucide-react';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { Button } from '../ui/button.tsx';
import { FailureView } from '../ui/failure-view.tsx';

import { openConnection } from './connection-actions.ts';

export interface ConnectionFailureProps {
  readonly connection: ConnectionEntry;
  readonly failure: Failure;
}

/** Why a connection is not open, and the way to open it: again, or by answering what it asks. */
export function ConnectionFailure({ connection, failure }: ConnectionFailureProps) {
  const open = () => void openConnection(connection.id);
  if (failure.question === undefined) return <FailureView failure={failure} onRetry={open} />;
  return (
    <FailureView
      failure={failure}
      actions={
        <Button size="small" icon={KeyRound} onClick={open}>
          Answer and open
        </Button>
      }
    />
  );
}
