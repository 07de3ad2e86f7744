import { create } from 'zustand';

export type ThemeChoice = 'system' | 'dark' | 'light';
export type ResolvedTheme = 'dark' | 'light';

const prefersLight = window.matchMedia('(prefers-color-scheme: light)');
const rememberedChoiceKey = 'steward.theme';

interface ThemeState {
  readonly choice: ThemeChoice;
  readonly resolved: ResolvedTheme;
}

function resolve(choice: ThemeChoice): ResolvedTheme {
  if (choice !== 'system') return choice;
  return prefersLight.matches ? 'light' : 'dark';
}

function readRememberedChoice(): ThemeChoice {
  try {
    const remembered = window.localStorage.getItem(rememberedChoiceKey);
    return remembered === 'dark' || remembered === 'light' ? remembered : 'system';
  } catch {
    return 'system';
  }
}

const useThemeStore = create<ThemeState>(() => ({ choice: 'system', resolved: resolve('system') }));

/**
 * Puts a theme on the document. The choice itself lives in the settings; a copy is kept in the browser's own storage
 * only so that the first paint already has the right colours.
 */
export function applyTheme(choice: ThemeChoice): void {
  const resolved = resolve(choice);
  document.documentElement.dataset['theme'] = resolved;
  useThemeStore.setState({ choice, resolved });
  try {
    window.localStorage.setItem(rememberedChoiceKey, choice);
  } catch {
    // Storage may be denied; the settings hold the choice.
  }
}

/** Applies the remembered theme and follows the system while the choice is `system`. Call once, before the first paint. */
export function startTheme(): void {
  applyTheme(readRememberedChoice());
  prefersLight.addEventListener('change', () => applyTheme(useThemeStore.getState().choice));
}

/** The theme that is on screen now. */
export function useResolvedTheme(): ResolvedTheme {
  return useThemeStore((state) => state.resolved);
}

/** What was chosen: a theme, or to follow the system. */
export function useThemeChoice(): ThemeChoice {
  return useThemeStore((state) => state.choice);
}

/** The value of a token of `tokens.css` as it stands now, for what cannot use CSS variables: canvases, Monaco. */
export function tokenValue(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
