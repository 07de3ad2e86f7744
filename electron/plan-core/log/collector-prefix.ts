import { readLogTime } from './log-time.ts';

/** `kubectl` and the files of a node: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md */
const containerRuntime =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?:std(?:out|err) ([FP])(?: |$))?/;
/** The service and its number, padded, in colour on a terminal: `db-1  | `. */
const compose = /^(?:\p{Cc}\[[\d;]*m)?(?=[\w.-]*[A-Za-z])\w[\w.-]{0,100} +\|(?:\p{Cc}\[[\d;]*m)?(?: |$)/u;

export interface CollectedLine {
  readonly text: string;
  /** When the collector took the line; null where it does not tell. */
  readonly atMs: number | null;
  /** The collector cut the line: it goes on with the next one. */
  readonly isCut: boolean;
}

/** A line without what Docker, Compose and Kubernetes put before it. Null for a line that has no such prefix. */
export function withoutCollectorPrefix(line: string): CollectedLine | null {
  const service = line.includes('|') ? (compose.exec(line)?.[0] ?? '') : '';
  const hasTime = line.charAt(service.length + 10) === 'T';
  const found = hasTime ? containerRuntime.exec(service === '' ? line : line.slice(service.length)) : null;
  if (found === null && service === '') return null;
  return {
    text: line.slice(service.length + (found?.[0].length ?? 0)),
    atMs: found === null ? null : (readLogTime(found[0])?.atMs ?? null),
    isCut: found?.[2] === 'P',
  };
}
