import type { Monaco, MonacoApi, TextModel } from './load-monaco.ts';

const models = new Map<string, TextModel>();
const viewStates = new Map<string, Monaco.editor.ICodeEditorViewState>();

/** The text model of a key, made with `initialText` where there is none yet. */
export function modelFor(monaco: MonacoApi, key: string, initialText: string): TextModel {
  const known = models.get(key);
  if (known !== undefined && !known.isDisposed()) return known;
  const uri = monaco.Uri.from({ scheme: 'steward', path: `/${key}.sql` });
  const model = monaco.editor.getModel(uri) ?? monaco.editor.createModel(initialText, 'pgsql', uri);
  models.set(key, model);
  return model;
}

/** The key that a model was made for, for providers that must know which tab asks. */
export function keyOfModel(model: TextModel): string | null {
  for (const [key, candidate] of models) if (candidate === model) return key;
  return null;
}

/** Where cursor and scroll position of a key were. */
export function viewStateOf(key: string): Monaco.editor.ICodeEditorViewState | null {
  return viewStates.get(key) ?? null;
}

/** Remembers cursor and scroll position of a key. */
export function rememberViewState(key: string, state: Monaco.editor.ICodeEditorViewState | null): void {
  if (state !== null) viewStates.set(key, state);
}

/** Lets go of a model and its undo steps. */
export function forgetModel(key: string): void {
  models.get(key)?.dispose();
  models.delete(key);
  viewStates.delete(key);
}
