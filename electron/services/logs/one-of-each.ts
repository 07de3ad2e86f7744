export interface ChangedFile {
  readonly name: string;
  readonly changedMs: number;
}

/** Logs of one server that are written to several files change together; a copy of them keeps that more or less. */
const togetherMs = 10 * 60_000;
const preference = ['json', 'csv', 'log'];

/**
 * Without what would be counted twice: a log that the server writes in several formats (`log_destination`), and one that
 * stands beside its own gz. A file that was changed at another time is another log, whatever it is called: one that is
 * left over from other settings does not hide what is written now.
 */
export function oneOfEach<File extends ChangedFile>(files: readonly File[]): File[] {
  const kept = new Map<string, File[]>();
  for (const file of withoutOwnGz(files).toSorted((a, b) => rank(a.name) - rank(b.name))) {
    const stem = file.name.replace(/\.(?:json|csv|log)(?=\.gz$|$)/i, '');
    const same = kept.get(stem) ?? [];
    if (same.some(({ changedMs }) => Math.abs(changedMs - file.changedMs) <= togetherMs)) continue;
    kept.set(stem, [...same, file]);
  }
  return [...kept.values()].flat();
}

/** A gz that is being written is newer than its log, and one that was written keeps the time of its log. */
function withoutOwnGz<File extends ChangedFile>(files: readonly File[]): File[] {
  const changed = new Map(files.map(({ name, changedMs }) => [name, changedMs]));
  return files.filter(({ name, changedMs }) => {
    const ofLog = /\.gz$/i.test(name) ? changed.get(name.slice(0, -3)) : undefined;
    return ofLog === undefined || changedMs < ofLog - togetherMs;
  });
}

function rank(name: string): number {
  const at = preference.indexOf(/\.(json|csv|log)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '');
  return at === -1 ? preference.length : at;
}
