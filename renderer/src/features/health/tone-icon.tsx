import { classNames } from '../../lib/class-names.ts';

import { toneWords } from './health-words.ts';
import type { CardTone } from './health-words.ts';
import tones from './tones.module.css';

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
      className={classNames(tones['toneIcon'], tones[tone])}
      {...(labelled ? { 'aria-label': word, role: 'img' } : { 'aria-hidden': true })}
    />
  );
}
