const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** Splits a size in bytes into its number and its binary unit (1 kB = 1024 B), with 2 to 3 digits: 1.2 GB, 418 MB. */
export function splitBytes(sizeBytes: number): Quantity {
  const sign = sizeBytes < 0 ? '-' : '';
  let value = Math.abs(sizeBytes);
  let step = 0;
  // 999.5 would print as "1000": go to the next unit before that.
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : 1;
  return { value: sign + value.toFixed(digits), unit: units[step] ?? 'B' };
}

/** A size in bytes in binary units, for example `1.2 GB`. */
export function formatBytes(sizeBytes: number): string {
  const { value, unit } = splitBytes(sizeBytes);
  return `${value} ${unit}`;
}
