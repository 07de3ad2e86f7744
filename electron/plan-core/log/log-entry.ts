/** One message of a server's log with what belongs to it, whatever format it was written in. */
export interface LogEntry {
  /** 1-based line of the file that it begins on. */
  readonly line: number;
  /** The clock of the log, read as if it were UTC: a log names its time zone by an abbreviation, which nobody can resolve. */
  readonly atMs: number | null;
  readonly zone: string | null;
  readonly pid: number | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  /** In English, whatever the log's language: `LOG`, `ERROR`, … */
  readonly severity: string;
  /** Null where the format or the prefix does not have it. */
  readonly sqlstate: string | null;
  readonly message: string;
  readonly detail: string | null;
  readonly context: string | null;
  readonly statement: string | null;
  /** The words are not English: only fields can be read. */
  readonly foreign: boolean;
}

/** Lines that could not be read, and why. */
export interface Unreadable {
  /** 1-based. */
  readonly line: number;
  readonly lines: number;
  readonly reason: string;
}

export interface LogSink {
  readonly entry: (entry: LogEntry) => void;
  readonly unreadable: (unreadable: Unreadable) => void;
}

/** Takes the lines of one file, in their order, without their line ends. */
export interface LogReader {
  readonly push: (line: string) => void;
  /** What was being put together is complete. */
  readonly end: () => void;
}

/** A message longer than this is cut: a log with such a line is damaged, or nobody could read the message anyway. */
export const mostMessageCharacters = 8 * 1024 * 1024;
