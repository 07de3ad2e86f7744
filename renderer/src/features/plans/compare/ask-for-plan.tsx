import { askUser } from '../../../ui/ask-dialog.tsx';

import styles from './comparison.module.css';

/** Asks for the text of a plan; null where none was given. */
export async function askForPlan(): Promise<string | null> {
  let text = '';
  const agreed = await askUser({
    title: 'Compare with a pasted plan',
    wide: true,
    words: (
      <label className={styles['pasted']}>
        The plan before, in any format that EXPLAIN prints
        <textarea
          className={styles['box']}
          aria-label="Plan to compare with"
          spellCheck={false}
          onChange={(event) => (text = event.currentTarget.value)}
        />
      </label>
    ),
    action: 'Compare',
  });
  return agreed && text.trim() !== '' ? text : null;
}
