import { classNames } from '../../lib/class-names.ts';

import styles from './health.module.css';
import { toneWords } from './health-words.ts';
import type { CardTone } from './health-words.ts';

/** The icon of a tone. Give a label where no word stands beside it. */
export function ToneIcon({
  tone,
  size = 16,
  labelled = true,
}: {
  readonly tone: CardTone;
  readonly size?: number;
  readonly labelled?: boolean;
}) {
  const { icon: Icon, word } = toneWords[tone];
  return (
    <Icon
      size={size}
      className={classNames(styles['toneIcon'], styles[tone])}
      {...(labelled ? { 'aria-label': word, role: 'img' } : { 'aria-hidden': true })}
    />
  );
}
