import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';

import { connectionColors } from '#contract/connections.ts';
import type { ConnectionDraft } from '#contract/connections.ts';

import styles from './form.module.css';

export interface ColorFieldProps {
  readonly color: ConnectionDraft['color'];
  readonly onColorChange: (color: ConnectionDraft['color']) => void;
  readonly className?: string | undefined;
}

/** The colour that marks a connection everywhere. */
export function ColorField({ color, onColorChange, className }: ColorFieldProps) {
  return (
    <div className={className}>
      <p className={styles['fieldLabel']}>Colour</p>
      <RadioGroup
        aria-label="Colour"
        className={styles['colors']}
        value={color}
        onValueChange={(next: ConnectionDraft['color']) => onColorChange(next)}
      >
        {connectionColors.map((name) => (
          <Radio.Root key={name} value={name} aria-label={name} className={styles['color']}>
            <span style={{ background: `var(--connection-${name})` }} />
          </Radio.Root>
        ))}
      </RadioGroup>
    </div>
  );
}
