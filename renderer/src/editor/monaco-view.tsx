import { useEffect, useRef, useState } from 'react';

import { classNames } from '../lib/class-names.ts';
import { useLatest } from '../lib/use-latest.ts';
import { useResolvedTheme } from '../theme/theme.ts';

import { loadMonaco, sharedOptions } from './load-monaco.ts';
import type { CodeEditor, EditorOptions, MonacoApi } from './load-monaco.ts';
import { monacoThemeName } from './monaco-theme.ts';
import styles from './monaco-view.module.css';

export interface MonacoViewProps {
  /** Its name for screen readers. */
  readonly label: string;
  /** Monaco's id, `pgsql` for SQL; register others in `onReady`. */
  readonly language: string;
  readonly text: string;
  /** True unless it is for writing. Writers that keep their own models (the query editor) set the model in `onReady`. */
  readonly readOnly?: boolean;
  /** Over the options that all editors share. Give a constant, or one from `useMemo`. */
  readonly options?: EditorOptions;
  readonly onTextChange?: (text: string) => void;
  /** Called once when the editor stands: add decorations, providers, actions. What it answers is called at the end. */
  readonly onReady?: (editor: CodeEditor, monaco: MonacoApi) => (() => void) | void;
  readonly className?: string | undefined;
}

/** A Monaco editor for any text: plans, DDL, diffs of one side. Until Monaco is loaded the plain text stands there. */
export function MonacoView({
  label,
  language,
  text,
  readOnly = true,
  options,
  onTextChange,
  onReady,
  className,
}: MonacoViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const theme = useResolvedTheme();
  const latest = useLatest({ text, onTextChange, onReady, theme, options, label, language, readOnly });

  useEffect(() => {
    let dispose: (() => void) | null = null;
    let gone = false;
    void loadMonaco().then((monaco) => {
      if (gone || host.current === null) return;
      const now = latest.current;
      const created = monaco.editor.create(host.current, {
        ...sharedOptions,
        ...now.options,
        value: now.text,
        language: now.language,
        readOnly: now.readOnly,
        domReadOnly: now.readOnly,
        ariaLabel: now.label,
        theme: monacoThemeName(now.theme),
      });
      const ownModel = created.getModel();
      const cleanUp = now.onReady?.(created, monaco);
      const listening = created.onDidChangeModelContent(() => latest.current.onTextChange?.(created.getValue()));
      setEditor(created);
      dispose = () => {
        cleanUp?.();
        listening.dispose();
        created.dispose();
        ownModel?.dispose();
      };
    });
    return () => {
      gone = true;
      dispose?.();
      setEditor(null);
    };
  }, [latest]);

  useEffect(() => {
    if (editor === null || !latest.current.readOnly) return;
    if (editor.getValue() !== text) editor.setValue(text);
  }, [editor, text, latest]);

  useEffect(() => {
    if (editor !== null && options !== undefined) editor.updateOptions(options);
  }, [editor, options]);

  useEffect(() => {
    if (editor === null) return;
    void loadMonaco().then((monaco) => monaco.editor.setTheme(monacoThemeName(theme)));
  }, [editor, theme]);

  return (
    <div className={classNames(styles['host'], className)}>
      {editor === null && <div className={styles['loading']}>{text.slice(0, 20_000)}</div>}
      <div ref={host} style={{ width: '100%', height: '100%' }} />
    </div>
  );
}
