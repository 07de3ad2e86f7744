import type { SettingRow } from './setting-row.ts';

/** Of each unit, how many of the smallest one: bytes, microseconds. */
const unitSizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  '8kB': 8192,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  us: 1,
  ms: 1000,
  s: 1e6,
  min: 6e7,
  h: 3.6e9,
  d: 8.64e10,
};

/** A fraction of a unit is rounded to the next smaller one. */
const smallerUnits: Readonly<Record<string, string>> = {
  TB: 'GB',
  GB: 'MB',
  MB: 'kB',
  kB: 'B',
  d: 'h',
  h: 'min',
  min: 's',
  s: 'ms',
  ms: 'us',
};

type TypedSetting = Pick<SettingRow, 'unit' | 'vartype' | 'boot_val'>;

/** Whether what was typed is the value in force; undefined where that is not known. */
export function saysTheSame(
  row: Pick<SettingRow, 'name' | 'setting' | 'unit'> & {
    readonly vartype: string;
    readonly enumvals: readonly string[] | null;
  },
  typed: string,
): boolean | undefined {
  if (typed === row.setting) return true;
  if (row.vartype === 'enum') {
    // Other words than those that are listed are accepted as well.
    const word = typed.trim().toLowerCase();
    if (row.name === 'wal_compression' && word === 'on') return row.setting === 'on' || row.setting === 'pglz';
    return row.enumvals?.includes(word) === true ? word === row.setting : undefined;
  }
  if (row.vartype === 'string') {
    const bare = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase();
    return bare(typed) === bare(row.setting);
  }
  const setting = settingOf({ ...row, boot_val: null }, typed);
  if (setting === undefined || row.vartype === 'bool')
    return setting === undefined ? undefined : setting === row.setting;
  const [typedNumber, number] = [Number(setting), Number(row.setting)];
  return Math.abs(typedNumber - number) <= 1e-5 * Math.abs(number);
}

/** What was typed, as `pg_settings` would have it; undefined where that is not known. */
export function settingOf(row: TypedSetting, typed: string): string | undefined {
  const text = typed.trim();
  if (row.vartype === 'bool' || (row.vartype === 'enum' && row.boot_val === 'on')) {
    if (/^(?:1|on|t|tr|tru|true|y|ye|yes)$/i.test(text)) return 'on';
    if (/^(?:0|of|off|f|fa|fal|fals|false|n|no)$/i.test(text)) return 'off';
    return row.vartype === 'bool' ? undefined : text.toLowerCase();
  }
  if (row.vartype === 'enum') return text.toLowerCase();
  if (row.vartype !== 'integer' && row.vartype !== 'real') return typed;
  const parts = /^(?<number>[+-]?(?:0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?))\s*(?<unit>[a-z]*)$/i.exec(
    text,
  )?.groups;
  if (parts === undefined) return undefined;
  const { number: digits = '', unit = '' } = parts;
  const value = /^0[0-7]+$/.test(digits) && row.vartype === 'integer' ? Number.parseInt(digits, 8) : Number(digits);
  const from = unit === '' ? 1 : unitSizes[unit];
  const to = unit === '' ? 1 : unitSizes[row.unit ?? ''];
  if (from === undefined || to === undefined) return undefined;
  const step = Number.isInteger(value) ? undefined : unitSizes[smallerUnits[unit] ?? ''];
  const size = step === undefined ? value * from : Math.round((value * from) / step) * step;
  const number = size / to;
  return String(row.vartype === 'integer' ? Math.round(number) : number);
}
