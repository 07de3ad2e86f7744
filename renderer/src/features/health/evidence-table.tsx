import type { HealthFinding } from '#contract/health-model.ts';

import { Quantity } from '../../ui/quantity.tsx';

import { isLongValue, quantityOf } from './finding-text.ts';
import styles from './health-card.module.css';
import tones from './tones.module.css';

/** The numbers behind a finding: numbers and short values on the right, long ones below their label. */
export function EvidenceTable({ evidence }: { readonly evidence: HealthFinding['evidence'] }) {
  return (
    <table className={styles['evidence']} aria-label="Evidence">
      <tbody>
        {evidence.map(({ label, value }, place) =>
          isLongValue(value) ? (
            <tr key={place}>
              <td colSpan={2} className={styles['longEvidence']}>
                <span>{label}</span>
                <span className={styles['evidenceText']}>{value}</span>
              </td>
            </tr>
          ) : (
            <tr key={place}>
              <th scope="row">{label}</th>
              <td className={styles['evidenceValue']}>
                <EvidenceValue value={value} />
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

function EvidenceValue({ value }: { readonly value: string }) {
  const quantity = quantityOf(value);
  if (quantity !== null) return <Quantity parts={quantity} />;
  return value === '' ? <span className={tones['dim']}>empty</span> : value;
}
