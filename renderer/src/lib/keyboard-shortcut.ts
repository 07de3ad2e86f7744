export const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);

interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/**
 * Whether a key press is the shortcut, written as `Mod+Shift+Enter`. `Mod` is Command on a Mac and Control elsewhere.
 * Letters and digits are compared by their place on the keyboard, so that Shift and layouts do not change them.
 */
export function matchesShortcut(press: KeyPress, shortcut: string, mac = isMac): boolean {
  const parts = shortcut.split('+');
  const key = parts.at(-1) ?? '';
  const has = (name: string) => parts.slice(0, -1).includes(name);
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (mod !== has('Mod') || other !== has('Ctrl')) return false;
  if (press.shiftKey !== has('Shift') || press.altKey !== has('Alt')) return false;
  if (/^[a-z]$/i.test(key))
    return press.key.toLowerCase() === key.toLowerCase() || press.code === `Key${key.toUpperCase()}`;
  if (/^\d$/.test(key)) return press.code === `Digit${key}` || press.key === key;
  return press.key === key;
}

const macSigns: Readonly<Record<string, string>> = {
  Mod: '⌘',
  Shift: '⇧',
  Alt: '⌥',
  Ctrl: '⌃',
  Enter: '↵',
  Escape: 'esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: '⌦',
};
const otherSigns: Readonly<Record<string, string>> = {
  Mod: 'Ctrl',
  Enter: '↵',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
};

/** A shortcut as the platform writes it: `⌘⇧↵` or `Ctrl+Shift+↵`. */
export function shortcutLabel(shortcut: string, mac = isMac): string {
  const signs = mac ? macSigns : otherSigns;
  const parts = shortcut.split('+').map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return parts.join(mac ? '' : '+');
}
