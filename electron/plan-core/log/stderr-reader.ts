import { withoutCollectorPrefix } from './collector-prefix.ts';
import type { LogReader, LogSink } from './log-entry.ts';
import { StderrMessages } from './stderr-messages.ts';
import { withoutSyslog } from './syslog.ts';
import { SyslogMessages } from './syslog-messages.ts';

/** Takes lines with their numbers in the file. */
export interface NumberedLineReader {
  readonly push: (line: string, number: number) => void;
  readonly end: () => void;
}

/**
 * Reads the log that goes to stderr, with any `log_line_prefix`, through syslog and collectors or not. A line that begins
 * with a tab goes on with the message before it. A line that is no part of any message is told as unreadable, and reading
 * goes on.
 */
export function stderrReader(sink: LogSink): LogReader {
  const lines = numberedStderrReader(sink);
  let number = 0;
  return {
    push: (line) => {
      number += 1;
      lines.push(line, number);
    },
    end: lines.end,
  };
}

/** As `stderrReader`, where lines of the file are no lines of stderr. */
export function numberedStderrReader(sink: LogSink): NumberedLineReader {
  const messages = new StderrMessages(sink);
  const mixed = new SyslogMessages((lines) => {
    // What begins in the middle goes on with a message that this log does not have.
    if (lines[0]?.kind === 'piece') messages.close();
    for (const line of lines) messages.take(line);
  });
  let wasCut = false;
  return {
    push: (given, number) => {
      const syslog = withoutSyslog(given);
      if (syslog !== null) {
        const { text, pid, atMs, sequence, goesOn } = syslog;
        const line = { text, number, pid, atMs, kind: goesOn ? 'piece' : 'line' } as const;
        return sequence === null ? messages.take(line) : mixed.push(line, sequence);
      }
      const { text, atMs, isCut } = withoutCollectorPrefix(given) ?? { text: given, atMs: null, isCut: false };
      messages.take({ text, number, pid: null, atMs, kind: wasCut ? 'rest' : 'line' });
      wasCut = isCut;
    },
    end: () => {
      mixed.end();
      messages.close();
    },
  };
}
