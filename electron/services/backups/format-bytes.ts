const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1.2 GB`, in binary units, for sentences in logs and outcomes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
