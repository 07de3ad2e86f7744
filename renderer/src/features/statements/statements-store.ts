import { create } from 'zustand';

import type { StatementOrder, StatementRow } from '#contract/statements.ts';

export const keptChoices = ['10', '60', '1440', '10080', 'reset'] as const;
export type WindowChoice = (typeof keptChoices)[number] | 'between';

export interface SelectedStatement {
  readonly queryId: string;
  readonly nested: boolean | null;
}

export interface StatementsViewState {
  /** Whose snapshots and statement are chosen. */
  readonly connectionId: string | null;
  readonly choice: WindowChoice;
  /** Ids of snapshots, with `between`. */
  readonly from: string | null;
  readonly to: string | null;
  readonly order: StatementOrder;
  readonly ownDatabase: boolean;
  readonly search: string;
  readonly selected: SelectedStatement | null;
  readonly detailHeight: number;
  /** A snapshot that the user asked for is under way. */
  readonly taking: boolean;
}

/** What the section shows. Outlives the view. */
export const useStatements = create<StatementsViewState>(() => ({
  connectionId: null,
  choice: '60',
  from: null,
  to: null,
  order: 'total',
  ownDatabase: true,
  search: '',
  selected: null,
  detailHeight: 330,
  taking: false,
}));

/** Changes what is shown. */
export function showStatements(change: Partial<StatementsViewState>): void {
  useStatements.setState(change);
}

/** Another connection has other snapshots and statements: what was chosen of the last one is let go. */
export function lookAtConnection(connectionId: string): void {
  const before = useStatements.getState();
  if (before.connectionId === connectionId) return;
  useStatements.setState({
    connectionId,
    from: null,
    to: null,
    selected: null,
    choice: before.choice === 'between' ? '60' : before.choice,
  });
}

/** Names a row of the table. */
export function statementKey({ queryId, nested }: Pick<StatementRow, 'queryId' | 'nested'>): string {
  return `${queryId}/${nested === true ? 'nested' : 'top'}`;
}
