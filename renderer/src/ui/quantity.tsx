import type { Quantity as QuantityParts } from '../lib/format-bytes.ts';
import { splitBytes } from '../lib/format-bytes.ts';
import { splitCount } from '../lib/format-count.ts';
import { splitDuration } from '../lib/format-duration.ts';

import styles from './quantity.module.css';

/** A number in the data font with its unit dimmed. */
export function Quantity({ parts }: { readonly parts: QuantityParts }) {
  return (
    <span className={styles['quantity']}>
      {parts.value}
      {parts.unit !== '' && <span className={styles['unit']}>{parts.unit}</span>}
    </span>
  );
}

/** A size in bytes; a dash where it is not known. */
export function Bytes({ bytes }: { readonly bytes: number | null | undefined }) {
  return bytes === null || bytes === undefined ? <Unknown /> : <Quantity parts={splitBytes(bytes)} />;
}

/** A duration in milliseconds; a dash where it is not known. */
export function Duration({ ms }: { readonly ms: number | null | undefined }) {
  return ms === null || ms === undefined ? <Unknown /> : <Quantity parts={splitDuration(ms)} />;
}

/** A large number in short (142 M); a dash where it is not known. */
export function ShortCount({ count }: { readonly count: number | null | undefined }) {
  return count === null || count === undefined ? <Unknown /> : <Quantity parts={splitCount(count)} />;
}

function Unknown() {
  return (
    <span className={styles['unit']} title="Not known">
      –
    </span>
  );
}
