import { matchesShortcut } from '../lib/keyboard-shortcut.ts';
import { showFailureToast } from '../ui/toast.tsx';

import { allCommands } from './commands.ts';
import { useWorkbench } from './workbench-store.ts';

/**
 * Runs commands by their shortcuts, before any widget sees the keys, so that they work inside the editor too.
 * While a dialog is open only the palette's own shortcut works.
 */
export function startKeyboard(): () => void {
  function press(event: KeyboardEvent): void {
    if (event.isComposing || event.repeat) return;
    const dialogOpen = document.querySelector('[data-modal][data-open]') !== null;
    const command = allCommands().find(
      (candidate) =>
        candidate.shortcut !== undefined &&
        matchesShortcut(event, candidate.shortcut) &&
        (!dialogOpen || (candidate.id === 'workbench.palette' && useWorkbench.getState().paletteOpen)) &&
        candidate.enabled?.() !== false,
    );
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    void Promise.resolve(command.run()).catch(showFailureToast);
  }
  window.addEventListener('keydown', press, { capture: true });
  return () => window.removeEventListener('keydown', press, { capture: true });
}
