const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago an instant was, in words: `just now`, `12 min ago`, `3 d ago`. Future instants: `in 5 min`. */
export function formatRelative(instant: string | number, nowMs: number): string {
  const at = typeof instant === 'number' ? instant : Date.parse(instant);
  if (Number.isNaN(at)) return '';
  const distance = nowMs - at;
  const abs = Math.abs(distance);
  if (abs < 45_000) return distance >= -5000 ? 'just now' : 'in a moment';
  const words = span(abs);
  return distance >= 0 ? `${words} ago` : `in ${words}`;
}

function span(abs: number): string {
  if (abs < 59.5 * minute) return `${Math.max(1, Math.round(abs / minute))} min`;
  if (abs < 23.5 * hour) return `${Math.round(abs / hour)} h`;
  if (abs < 45 * day) return `${Math.round(abs / day)} d`;
  if (abs < 18 * 30 * day) return `${Math.round(abs / (30.44 * day))} months`;
  return `${Math.round(abs / (365.25 * day))} years`;
}

/** The absolute local time, for a tooltip: `2026-11-23 13:04:07`. */
export function formatAbsolute(instant: string | number): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return String(instant);
  const pad = (part: number) => String(part).padStart(2, '0');
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${date} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** The heading of the day an instant lies in: `Today`, `Yesterday`, or the date. */
export function formatDay(instant: string | number, nowMs: number): string {
  const at = formatAbsolute(instant).slice(0, 10);
  if (at === formatAbsolute(nowMs).slice(0, 10)) return 'Today';
  if (at === formatAbsolute(nowMs - day).slice(0, 10)) return 'Yesterday';
  return at;
}
