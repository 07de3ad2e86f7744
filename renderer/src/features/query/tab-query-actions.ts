import type { SqlEditorHandle } from '../../editor/sql-editor.tsx';
import { lexicalStatements, statementAt } from '../../editor/statement-at.ts';
import type { StatementRange } from '../../editor/statement-at.ts';
import { client } from '../../rpc/client.ts';
import { showFailureToast, showToast } from '../../ui/toast.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

import type { QueryActions } from './query-actions.ts';
import { cancelRun, isRunning, startRun } from './run-store.ts';

/** What the commands of the query feature do in a tab. */
export function makeQueryActions(tab: WorkbenchTab, editor: () => SqlEditorHandle | null): QueryActions {
  async function run(range: StatementRange | null): Promise<void> {
    const handle = editor();
    if (handle === null || range === null || isRunning(tab.id)) return;
    handle.closeSuggestions();
    if (tab.connectionId === null) {
      showToast({
        kind: 'info',
        title: 'Choose a connection',
        description: 'This tab belongs to no connection yet. Choose one at the right of its toolbar.',
      });
      return;
    }
    await startRun({
      tabId: tab.id,
      connectionId: tab.connectionId,
      sql: handle.text().slice(range.start, range.end),
      baseOffset: range.start,
    });
  }

  async function explain(analyze: boolean): Promise<void> {
    const handle = editor();
    const range = handle === null ? null : await chosenStatement(handle);
    if (handle === null || range === null || tab.connectionId === null) return;
    const sql = handle.text().slice(range.start, range.end);
    await runCommandWith('plans.explain', {
      connectionId: tab.connectionId,
      sql,
      analyze,
      title: `Plan of ${tab.title}`,
    });
  }

  return {
    run: async () => {
      const handle = editor();
      if (handle !== null) await run(await chosenStatement(handle));
    },
    runAll: async () => {
      const text = editor()?.text() ?? '';
      await run(text.trim() === '' ? null : { start: 0, end: text.length });
    },
    cancel: () => cancelRun(tab.id),
    format: async () => {
      const handle = editor();
      if (handle !== null) await formatText(handle);
    },
    explain: () => explain(false),
    explainAnalyze: () => explain(true),
  };
}

/** The selection, or the statement at the cursor; null where there is none. */
async function chosenStatement(handle: SqlEditorHandle): Promise<StatementRange | null> {
  const text = handle.text();
  const { start, end } = handle.selection();
  if (text.slice(start, end).trim() !== '') return { start, end };
  return statementAt(await statementsOf(text), start);
}

async function statementsOf(text: string): Promise<readonly StatementRange[]> {
  try {
    const { statements, error } = await client.query.parse({ sql: text });
    if (error === null) return statements;
  } catch {
    // Without the parser the text is cut at its semicolons.
  }
  return lexicalStatements(text);
}

async function formatText(handle: SqlEditorHandle): Promise<void> {
  const { format } = await import('sql-formatter');
  try {
    handle.replaceAll(
      format(handle.text(), { language: 'postgresql', keywordCase: 'lower', functionCase: 'preserve', tabWidth: 2 }),
    );
  } catch (error) {
    showFailureToast(error, 'Not formatted');
  }
}
