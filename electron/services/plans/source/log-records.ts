/**
 * Messages of csvlog and jsonlog, where a plan is inside one quoted field; stderr and syslog pass through.
 * @returns the source with each such record replaced by the message as stderr would have it
 */
export function unwrapLogRecords(source: string): string {
  if (!/duration: [\d.]+ ms\s+plan:/.test(source)) return source;
  return unwrapJsonLog(unwrapCsvLog(source));
}

function unwrapCsvLog(source: string): string {
  const opening = /,"(duration: [\d.]+ ms\s+plan:)/g;
  let result = '';
  let copied = 0;
  for (let found = opening.exec(source); found; found = opening.exec(source)) {
    const lineStart = source.lastIndexOf('\n', found.index) + 1;
    if (lineStart < copied) continue;
    let end = found.index + 2;
    while (end < source.length) {
      end = source.indexOf('"', end);
      if (end === -1) return result + source.slice(copied);
      if (source[end + 1] !== '"') break;
      end += 2;
    }
    const message = source.slice(found.index + 2, end).replaceAll('""', '"');
    const lineEnd = source.indexOf('\n', end);
    result += `${source.slice(copied, lineStart)}LOG:  ${message}\n`;
    copied = lineEnd === -1 ? source.length : lineEnd + 1;
    opening.lastIndex = copied;
  }
  return result + source.slice(copied);
}

function unwrapJsonLog(source: string): string {
  if (!source.includes('"message":"duration:')) return source;
  return source
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{') || !line.includes('"message":"duration:')) return line;
      try {
        const record: unknown = JSON.parse(line);
        if (typeof record === 'object' && record !== null && 'message' in record && typeof record.message === 'string')
          return `LOG:  ${record.message}`;
      } catch {
        // A cut record is left as it is, for a reader to say where it ends.
      }
      return line;
    })
    .join('\n');
}
