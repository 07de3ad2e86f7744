import type * as Monaco from 'monaco-editor/editor';

export type MonacoApi = typeof Monaco;
export type CodeEditor = Monaco.editor.IStandaloneCodeEditor;
export type EditorOptions = Monaco.editor.IStandaloneEditorConstructionOptions;
export type TextModel = Monaco.editor.ITextModel;
export type { Monaco };

let loading: Promise<MonacoApi> | null = null;

/** Loads Monaco, once. A failed load is tried again by the next call. */
export function loadMonaco(): Promise<MonacoApi> {
  loading ??= import('./monaco.ts').then(
    ({ monaco }) => monaco,
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** What all editors of the app share. */
export const sharedOptions: EditorOptions = {
  fontFamily: "'JetBrains Mono Variable', 'JetBrains Mono', monospace",
  fontSize: 12.5,
  lineHeight: 19,
  fontLigatures: false,
  minimap: { enabled: false },
  automaticLayout: true,
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  renderLineHighlightOnlyWhenFocus: true,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 10,
  glyphMargin: false,
  folding: false,
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  bracketPairColorization: { enabled: false },
  occurrencesHighlight: 'off',
  scrollbar: {
    verticalScrollbarSize: 10,
    horizontalScrollbarSize: 10,
    useShadows: false,
    alwaysConsumeMouseWheel: false,
  },
  padding: { top: 8, bottom: 8 },
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: true },
  stickyScroll: { enabled: false },
  tabSize: 2,
  contextmenu: true,
};
