import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { parseConnectionUrl } from '../parse-connection-url.ts';
import { Finds, type FoundConnections } from './found-connections.ts';
import { withoutByteOrderMark } from './import-text.ts';

/** One URL, or one `key=value` string, a line. Throws `bad_input` where no line is one. */
export function readUrls(text: string, systemUser: string): FoundConnections {
  const finds = new Finds();
  let firstProblem: string | undefined;
  for (const [index, raw] of withoutByteOrderMark(text).split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    try {
      if (line.length > 4096) throw StewardError.of('bad_input', 'It is longer than 4096 characters');
      const { fields, warnings } = parseConnectionUrl(line);
      const { password, ...rest } = fields;
      const user = rest.user ?? systemUser;
      finds.add({ ...rest, user, database: rest.database ?? user }, `line ${index + 1}`, [
        ...warnings,
        ...(password === undefined ? [] : ['The password is not taken. Steward asks for it when it opens.']),
      ]);
    } catch (error) {
      const problem = `Line ${index + 1}: ${toFailure(error).message}`;
      firstProblem ??= problem;
      finds.warn(problem);
    }
  }
  if (finds.result.candidates.length === 0 && firstProblem !== undefined) {
    throw StewardError.of('bad_input', firstProblem, {
      hint: 'One connection a line: postgresql://user@host:5432/database, or host=… dbname=… user=…',
    });
  }
  return finds.result;
}
