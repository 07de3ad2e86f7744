import type * as Monaco from 'monaco-editor/editor';

import { tokenValue } from '../theme/theme.ts';
import type { ResolvedTheme } from '../theme/theme.ts';

type MonacoApi = typeof Monaco;

/** The name of the Monaco theme that goes with a theme of the app. */
export function monacoThemeName(theme: ResolvedTheme): string {
  return `steward-${theme}`;
}

/** Makes Monaco's dark and light themes from the tokens. */
export function defineStewardThemes(monaco: MonacoApi): void {
  const root = document.documentElement;
  const shown = root.dataset['theme'];
  for (const theme of ['dark', 'light'] as const) {
    // Tokens can only be read while their theme is on the document; nothing is painted in between.
    root.dataset['theme'] = theme;
    monaco.editor.defineTheme(monacoThemeName(theme), themeData(theme));
  }
  if (shown !== undefined) root.dataset['theme'] = shown;
}

function themeData(theme: ResolvedTheme): Monaco.editor.IStandaloneThemeData {
  const hex = (name: `--${string}`) => toHex(tokenValue(name));
  const bare = (name: `--${string}`) => hex(name).slice(1, 7);
  return {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: bare('--text-strong') },
      { token: 'keyword', foreground: bare('--sql-keyword') },
      { token: 'predefined', foreground: bare('--sql-name') },
      { token: 'string', foreground: bare('--sql-string') },
      { token: 'number', foreground: bare('--sql-number') },
      { token: 'comment', foreground: bare('--sql-comment') },
      { token: 'identifier', foreground: bare('--text-strong') },
      { token: 'operator', foreground: bare('--text') },
      { token: 'delimiter', foreground: bare('--text') },
    ],
    colors: {
      'editor.background': hex('--surface'),
      'editor.foreground': hex('--text-strong'),
      'editorLineNumber.foreground': hex('--text-dim'),
      'editorLineNumber.activeForeground': hex('--text-strong'),
      'editorGutter.background': hex('--surface'),
      'editor.selectionBackground': hex('--accent-wash-strong'),
      'editor.inactiveSelectionBackground': hex('--accent-wash'),
      'editor.selectionHighlightBackground': hex('--accent-wash'),
      'editor.wordHighlightBackground': hex('--accent-wash'),
      'editor.lineHighlightBackground': hex('--hover'),
      'editor.lineHighlightBorder': '#00000000',
      'editorCursor.foreground': hex('--accent'),
      'editorBracketMatch.background': hex('--accent-wash'),
      'editorBracketMatch.border': '#00000000',
      ...Object.fromEntries(
        [1, 2, 3, 4, 5, 6].map((level) => [`editorBracketHighlight.foreground${level}`, hex('--text')]),
      ),
      'editorIndentGuide.background1': hex('--line'),
      'editorIndentGuide.activeBackground1': hex('--line-strong'),
      'editorError.foreground': hex('--critical'),
      'editorWarning.foreground': hex('--warning'),
      'editorInfo.foreground': hex('--info'),
      'editorWidget.background': hex('--raised'),
      'editorWidget.border': hex('--line'),
      'editorHoverWidget.background': hex('--raised'),
      'editorHoverWidget.border': hex('--line'),
      'editorSuggestWidget.background': hex('--raised'),
      'editorSuggestWidget.border': hex('--line'),
      'editorSuggestWidget.foreground': hex('--text-strong'),
      'editorSuggestWidget.selectedBackground': hex('--accent-wash-strong'),
      'editorSuggestWidget.selectedForeground': hex('--text-strong'),
      'editorSuggestWidget.highlightForeground': hex('--accent'),
      'editorSuggestWidget.focusHighlightForeground': hex('--accent'),
      'list.hoverBackground': hex('--hover'),
      'menu.background': hex('--raised'),
      'menu.foreground': hex('--text-strong'),
      'menu.selectionBackground': hex('--accent-wash-strong'),
      'menu.selectionForeground': hex('--text-strong'),
      'menu.border': hex('--line'),
      'input.background': hex('--app'),
      'input.border': hex('--line'),
      'input.foreground': hex('--text-strong'),
      'inputOption.activeBorder': hex('--accent'),
      focusBorder: hex('--accent'),
      'widget.shadow': '#00000055',
      'scrollbar.shadow': '#00000000',
      'scrollbarSlider.background': hex('--scroll-thumb'),
      'scrollbarSlider.hoverBackground': hex('--scroll-thumb-hover'),
      'scrollbarSlider.activeBackground': hex('--scroll-thumb-hover'),
      'editorOverviewRuler.border': '#00000000',
      'editorCodeLens.foreground': hex('--text-dim'),
      'editor.findMatchBackground': hex('--heat-3'),
      'editor.findMatchHighlightBackground': hex('--heat-2'),
    },
  };
}

/** Monaco reads only hexadecimal colours; tokens may be `rgb(r g b / a%)`. */
export function toHex(color: string): string {
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)(?:\s*[/,]\s*([\d.]+)(%?))?\s*\)$/.exec(color);
  if (parts === null) {
    const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(color);
    return short === null
      ? color
      : `#${short
          .slice(1)
          .map((digit) => digit + digit)
          .join('')}`;
  }
  const [, red = '0', green = '0', blue = '0', alpha, percent] = parts;
  const opacity = alpha === undefined ? 1 : Number(alpha) / (percent === '%' ? 100 : 1);
  const byte = (value: number) => Math.round(value).toString(16).padStart(2, '0');
  const base = `#${byte(Number(red))}${byte(Number(green))}${byte(Number(blue))}`;
  return opacity >= 1 ? base : base + byte(opacity * 255);
}
