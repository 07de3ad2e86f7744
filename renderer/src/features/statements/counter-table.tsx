import type { StatementCounter } from '#contract/statements.ts';

import { splitBytes } from '../../lib/format-bytes.ts';
import { splitDuration } from '../../lib/format-duration.ts';
import { Quantity } from '../../ui/quantity.tsx';

import { plainNumber } from './statement-words.ts';
import styles from './statements.module.css';

/** Every number of a statement: before, after and of the window, by what it is about. Groups of noughts are left out. */
export function CounterTable({ counters }: { readonly counters: readonly StatementCounter[] }) {
  const groups = Map.groupBy(counters, ({ group }) => group);
  const shown = [...groups].filter(([, of]) => of.some(({ after }) => after !== null && after !== 0));
  const quiet = [...groups.keys()].filter((group) => !shown.some(([name]) => name === group));
  return (
    <>
      <table className={styles['counters']} aria-label="Numbers">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Number</span>
            </th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">In the window</th>
          </tr>
        </thead>
        {shown.map(([group, of]) => (
          <tbody key={group}>
            <tr>
              <th scope="rowgroup" colSpan={4}>
                {group}
              </th>
            </tr>
            {of.map((counter) => (
              <tr key={counter.name}>
                <th scope="row">{counter.label}</th>
                <Value counter={counter} value={counter.before} />
                <Value counter={counter} value={counter.after} />
                <Value counter={counter} value={counter.delta} strong />
              </tr>
            ))}
          </tbody>
        ))}
      </table>
      {quiet.length > 0 && (
        <p className={styles['quiet']}>
          All nought: {quiet.join(', ').toLowerCase().replace('wal', 'WAL').replace('jit', 'JIT')}.
        </p>
      )}
    </>
  );
}

function Value({
  counter,
  value,
  strong = false,
}: {
  readonly counter: StatementCounter;
  readonly value: number | null;
  readonly strong?: boolean;
}) {
  if (value === null)
    return (
      <td className={styles['dim']} title="It cannot be told">
        –
      </td>
    );
  return (
    <td data-strong={strong ? '' : undefined}>
      {counter.unit === 'ms' ? (
        <Quantity parts={splitDuration(value)} />
      ) : counter.unit === 'bytes' ? (
        <Quantity parts={splitBytes(value)} />
      ) : (
        <Quantity parts={{ value: plainNumber(value), unit: '' }} />
      )}
    </td>
  );
}
