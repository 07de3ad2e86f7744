import type { StatementOrder, StatementRow } from '#contract/statements.ts';

import type { Quantity } from '../../lib/format-bytes.ts';
import { formatCount, splitCount } from '../../lib/format-count.ts';

import type { WindowChoice } from './statements-store.ts';

export const windowWords: readonly (readonly [WindowChoice, string])[] = [
  ['10', 'Last 10 minutes'],
  ['60', 'Last hour'],
  ['1440', 'Last day'],
  ['10080', 'Last week'],
  ['between', 'Between two snapshots'],
  ['reset', 'Since reset'],
];

export const orderWords: Readonly<Record<StatementOrder, string>> = {
  total: 'Total time',
  mean: 'Mean time',
  calls: 'Calls',
  io: 'I/O',
  temp: 'Temporary files',
  wal: 'WAL',
  plan: 'Planning time',
};

/** The column of the table that an order sorts by. */
export const orderColumns: Readonly<Record<StatementOrder, string>> = {
  total: 'total',
  mean: 'mean',
  calls: 'calls',
  io: 'reads',
  temp: 'temp',
  wal: 'wal',
  plan: 'plan',
};

export const statusWords: Readonly<
  Record<StatementRow['status'], { readonly word: string; readonly meaning: string } | null>
> = {
  difference: null,
  whole: null,
  new: { word: 'new', meaning: 'It was not there at the beginning of the window' },
  restarted: {
    word: 'began anew',
    meaning: 'Its statistics were reset or thrown away in this window: these numbers are of what came after',
  },
  nearly: {
    word: '≈',
    meaning: 'It was below the statements that are kept at the beginning of the window: up to 1 % may be from before',
  },
};

/** How often, in the unit that gives a number above one: `84/s`, `3.2/h`. */
export function splitRate(calls: number, spanMs: number | null): Quantity | null {
  if (spanMs === null || spanMs < 1 || calls === 0) return null;
  const perSecond = (calls * 1000) / spanMs;
  const [rate, unit] =
    perSecond >= 1 ? [perSecond, '/s'] : perSecond * 60 >= 1 ? [perSecond * 60, '/min'] : [perSecond * 3600, '/h'];
  const short = splitCount(rate);
  const value = rate < 99.95 ? rate.toFixed(1) : short.value;
  return { value, unit: rate < 99.95 ? unit : `${short.unit}${unit}` };
}

/** Rows a call and the like: few digits where it is small. */
export function shortNumber(value: number): Quantity {
  if (value !== 0 && Math.abs(value) < 99.95) return { value: value.toFixed(value < 9.995 ? 2 : 1), unit: '' };
  return splitCount(value);
}

/** A count with its thousands apart; fractions only where it is small. */
export function plainNumber(value: number): string {
  return formatCount(Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value) : Number(value.toFixed(2)));
}

/** `83 %`, `1.4 %`, `< 0.1 %`. */
export function percentWords(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent >= 99.95 ? '100' : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** Share of blocks that shared buffers had; null where none was touched. */
export function hitShare({ blocksHit, blocksRead }: Pick<StatementRow, 'blocksHit' | 'blocksRead'>): number | null {
  const touched = blocksHit + blocksRead;
  return touched === 0 ? null : blocksHit / touched;
}

/** Whether EXPLAIN takes it: utility commands have no plan. */
export function hasPlan(sql: string): boolean {
  return /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:select|insert|update|delete|merge|with|values|table)\b/i.test(sql);
}
