export type QueryAction = 'run' | 'runAll' | 'cancel' | 'format' | 'explain' | 'explainAnalyze';
export type QueryActions = Readonly<Record<QueryAction, () => void | Promise<void>>>;

let current: QueryActions | null = null;

/** Says what the commands of the query feature do now; null while no query tab is on screen. */
export function setQueryActions(actions: QueryActions | null): void {
  current = actions;
}

/** What the query tab on screen can do. */
export function currentQueryActions(): QueryActions | null {
  return current;
}
