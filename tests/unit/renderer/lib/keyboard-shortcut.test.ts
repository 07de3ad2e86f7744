import { describe, expect, test } from 'vitest';

import { matchesShortcut, shortcutLabel } from '../../../../renderer/src/lib/keyboard-shortcut.ts';

const press = (
  key: string,
  more: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> & { code?: string } = {},
) => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('matching', () => {
  test('Mod is Control, and on a Mac Command', () => {
    expect(matchesShortcut(press('k', { ctrlKey: true }), 'Mod+K', false)).toBe(true);
    expect(matchesShortcut(press('k', { metaKey: true }), 'Mod+K', true)).toBe(true);
    expect(matchesShortcut(press('k', { ctrlKey: true }), 'Mod+K', true)).toBe(false);
  });

  test('no other modifier may be down', () => {
    expect(matchesShortcut(press('Enter', { ctrlKey: true, shiftKey: true }), 'Mod+Enter', false)).toBe(false);
    expect(matchesShortcut(press('Enter', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Enter', false)).toBe(true);
    expect(matchesShortcut(press('Escape'), 'Escape', false)).toBe(true);
    expect(matchesShortcut(press('Escape', { altKey: true }), 'Escape', false)).toBe(false);
  });

  test('digits go by their place, whatever Shift or the layout prints there', () => {
    expect(matchesShortcut(press('&', { ctrlKey: true, code: 'Digit1' }), 'Mod+1', false)).toBe(true);
  });
});

test('labels are written as the platform does', () => {
  expect([
    shortcutLabel('Mod+Shift+Enter', true),
    shortcutLabel('Mod+Shift+Enter', false),
    shortcutLabel('Mod+k', false),
  ]).toEqual(['⌘⇧↵', 'Ctrl+Shift+↵', 'Ctrl+K']);
});
