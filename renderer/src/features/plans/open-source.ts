import { showFailureToast, showToast } from '../../ui/toast.tsx';
import { showSectionHome } from '../../workbench/workbench-store.ts';

import { readPaste } from './paste-store.ts';

/** Reads what was dropped on the window: Plans shows how far it is, what was found, or why there is nothing. */
export async function openDropped(files: readonly File[]): Promise<void> {
  const [file] = files;
  if (file === undefined) return;
  if (files.length > 1)
    showToast({
      kind: 'info',
      title: `Only ${file.name} is read`,
      description: 'Files are read one at a time: drop the others after it.',
    });
  showSectionHome('plans');
  await readPaste(file);
}

/** Reads plans out of a text, as if it were pasted. */
export async function openSource(source: string): Promise<void> {
  showSectionHome('plans');
  await readPaste(source);
}

/** Reads what is on the clipboard. */
export async function openPlansOfClipboard(): Promise<void> {
  showSectionHome('plans');
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch (error) {
    // The browser did not let us: there the user pastes.
    showFailureToast(error, 'The clipboard could not be read');
    return;
  }
  await readPaste(text);
}
