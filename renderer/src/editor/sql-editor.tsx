import { useEffect, useMemo, useState } from 'react';

import { useLatest } from '../lib/use-latest.ts';

import type { CodeEditor, EditorOptions, MonacoApi } from './load-monaco.ts';
import { MonacoView } from './monaco-view.tsx';
import { modelFor, rememberViewState, viewStateOf } from './sql-models.ts';

/** Something wrong at a place in the text, as UTF-16 offsets. */
export interface SqlMarker {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** What a caller can ask of the editor while it is on screen. */
export interface SqlEditorHandle {
  readonly text: () => string;
  /** The selected range, empty at the cursor where nothing is selected. */
  readonly selection: () => { readonly start: number; readonly end: number };
  readonly select: (start: number, end: number) => void;
  /** Replaces the whole text as one step that can be undone. */
  readonly replaceAll: (text: string) => void;
  readonly focus: () => void;
  readonly closeSuggestions: () => void;
}

export interface SqlEditorProps {
  readonly label: string;
  /** Text, undo and cursor are kept under this key until `forgetModel`, also while the editor is not on screen. */
  readonly modelKey: string;
  readonly initialText: string;
  readonly onTextChange: (text: string) => void;
  readonly onHandle: (handle: SqlEditorHandle | null) => void;
  readonly markers: readonly SqlMarker[];
  readonly placeholder?: string;
}

/** The SQL editor: one Monaco whose model changes with `modelKey`. */
export function SqlEditor({
  label,
  modelKey,
  initialText,
  onTextChange,
  onHandle,
  markers,
  placeholder = '',
}: SqlEditorProps) {
  const [ready, setReady] = useState<{ readonly editor: CodeEditor; readonly monaco: MonacoApi } | null>(null);
  const latest = useLatest({ onTextChange, onHandle, initialText });
  const options = useMemo(
    (): EditorOptions => ({
      placeholder,
      occurrencesHighlight: 'singleFile',
      quickSuggestions: { other: true, comments: false, strings: false },
      suggest: { showIcons: true, showStatusBar: false, preview: false },
      wordBasedSuggestions: 'off',
      fixedOverflowWidgets: true,
    }),
    [placeholder],
  );

  useEffect(() => {
    if (ready === null) return;
    const { editor, monaco } = ready;
    const model = modelFor(monaco, modelKey, latest.current.initialText);
    editor.setModel(model);
    const viewState = viewStateOf(modelKey);
    if (viewState !== null) editor.restoreViewState(viewState);
    const listening = model.onDidChangeContent(() => latest.current.onTextChange(model.getValue()));
    latest.current.onHandle(handleOf(editor));
    editor.focus();
    return () => {
      rememberViewState(modelKey, editor.saveViewState());
      listening.dispose();
      // The newest handler is the one to tell.
      // oxlint-disable-next-line react-hooks/exhaustive-deps
      latest.current.onHandle(null);
    };
  }, [ready, modelKey, latest]);

  useEffect(() => {
    if (ready === null) return;
    const { editor, monaco } = ready;
    const model = editor.getModel();
    if (model === null) return;
    const marks = markers.map((marker) => {
      const start = model.getPositionAt(marker.start);
      const end = model.getPositionAt(Math.max(marker.end, marker.start + 1));
      return {
        severity: marker.severity === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
        message: marker.message,
        startLineNumber: start.lineNumber,
        startColumn: start.column,
        endLineNumber: end.lineNumber,
        endColumn: end.column,
      };
    });
    monaco.editor.setModelMarkers(model, 'steward', marks);
  }, [ready, markers, modelKey]);

  return (
    <MonacoView
      label={label}
      language="pgsql"
      text={initialText}
      readOnly={false}
      options={options}
      onReady={(editor, monaco) => {
        setReady({ editor, monaco });
        return () => setReady(null);
      }}
    />
  );
}

function handleOf(editor: CodeEditor): SqlEditorHandle {
  return {
    text: () => editor.getModel()?.getValue() ?? '',
    selection: () => {
      const model = editor.getModel();
      const selection = editor.getSelection();
      if (model === null || selection === null) return { start: 0, end: 0 };
      return {
        start: model.getOffsetAt(selection.getStartPosition()),
        end: model.getOffsetAt(selection.getEndPosition()),
      };
    },
    select: (start, end) => {
      const model = editor.getModel();
      if (model === null) return;
      const from = model.getPositionAt(start);
      const to = model.getPositionAt(end);
      editor.setSelection({
        startLineNumber: from.lineNumber,
        startColumn: from.column,
        endLineNumber: to.lineNumber,
        endColumn: to.column,
      });
      editor.revealPositionInCenterIfOutsideViewport(from);
      editor.focus();
    },
    replaceAll: (text) => {
      const model = editor.getModel();
      if (model === null) return;
      editor.pushUndoStop();
      editor.executeEdits('steward', [{ range: model.getFullModelRange(), text }]);
      editor.pushUndoStop();
    },
    focus: () => editor.focus(),
    closeSuggestions: () => editor.trigger('steward', 'hideSuggestWidget', null),
  };
}
