import { Undo2 } from 'lucide-react';

import type { AppliedFix } from '#contract/health.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { client } from '../../rpc/client.ts';
import { useConnection } from '../../rpc/live-lists.ts';
import { askUser } from '../../ui/ask-dialog.tsx';
import { Button } from '../../ui/button.tsx';
import { showFailureToast } from '../../ui/toast.tsx';

/** Takes an applied fix back, after showing the SQL that does it. */
export function UndoFixButton({ fix, connectionId }: { readonly fix: AppliedFix; readonly connectionId: string }) {
  const connection = useConnection(connectionId);
  const { undoSql } = fix;
  if (undoSql === null || fix.undoneAt !== null) return null;
  const sql = undoSql;
  async function takeBack(): Promise<void> {
    const typedName = connection?.environment === 'production' ? connection.database : null;
    const agreed = await askUser({
      title: `Take back ${fix.check} on ${fix.object}`,
      words: <SqlBlock sql={sql} label="Way back" connectionId={connectionId} maxHeight={240} />,
      action: 'Take back',
      wide: true,
      typedName,
    });
    if (!agreed) return;
    try {
      await client.health.undoFix({ id: fix.id, ...(typedName === null ? {} : { confirmation: typedName }) });
    } catch (error) {
      showFailureToast(error);
    }
  }
  return (
    <Button icon={Undo2} onClick={() => void takeBack()}>
      Take back…
    </Button>
  );
}
