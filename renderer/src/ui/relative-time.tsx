import { formatAbsolute, formatRelative } from '../lib/relative-time.ts';
import { useNow } from '../lib/use-now.ts';

/** An instant in words ("12 min ago"), with the absolute time on hover. */
export function RelativeTime({ at }: { readonly at: string }) {
  // An instant may be newer than the last tick of the clock.
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={formatAbsolute(at)}>
      {formatRelative(at, Math.max(now, Date.now()))}
    </time>
  );
}
