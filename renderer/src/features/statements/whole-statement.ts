import { copyText } from '../../lib/copy-text.ts';
import { client } from '../../rpc/client.ts';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import type { SelectedStatement } from './statements-store.ts';

/** The whole text of a statement; null where it is not known, which is said. */
export async function wholeStatement(
  connectionId: string,
  selected: SelectedStatement,
): Promise<{ readonly sql: string; readonly explainable: boolean } | null> {
  try {
    const { sql, explainable } = await client.statements.statement({
      connectionId,
      window: { kind: 'reset' },
      ownDatabase: false,
      ...selected,
    });
    return sql === null ? null : { sql, explainable };
  } catch (error) {
    showFailureToast(error, 'The statement could not be read');
    return null;
  }
}

/** Copies a statement and says so. */
export async function copyStatement(sql: string): Promise<void> {
  try {
    await copyText(sql);
    showToast({ kind: 'good', title: 'Statement copied' });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
