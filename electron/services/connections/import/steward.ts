import { importCandidateSchema } from '#contract/connections.ts';

import { StewardError } from '../../../postgres/failure.ts';
import { exportFormat, exportVersion } from '../export-connections.ts';
import { Finds, type FoundConnections } from './found-connections.ts';
import { type JsonValue, parseJsonRecord, recordOf, textOf } from './import-text.ts';

const draftSchema = importCandidateSchema.shape.draft;

/** Reads what `exportConnections` wrote. Throws `bad_input`. */
export function readStewardFile(text: string): FoundConnections {
  const file = parseJsonRecord(text, 'The file');
  const version = file.get('version');
  const connections = file.get('connections');
  if (file.get('format') !== exportFormat || !Array.isArray(connections)) {
    throw StewardError.of('bad_input', 'This is not an export of Steward', {
      hint: `Its JSON has a key "format" that says "${exportFormat}".`,
    });
  }
  if (typeof version !== 'number' || version > exportVersion) {
    throw StewardError.of('bad_input', 'This export is from a newer Steward', {
      hint: 'Update this one, and try again.',
    });
  }
  const finds = new Finds();
  for (const [index, value] of connections.entries()) {
    const record = recordOf(value);
    const place = `“${textOf(record?.get('name'))?.slice(0, 120) ?? `connection ${index + 1}`}”`;
    const draft = draftSchema.safeParse(plain(value));
    if (!draft.success) {
      const issue = draft.error.issues[0];
      finds.warn(`${place} is left out: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it does not fit'}`);
      continue;
    }
    const { superuserAccepted: _, ...fields } = draft.data;
    finds.add(fields, `${place} in the export`, commandWarnings(fields.authentication));
  }
  return finds.result;
}

/** A command would run on this machine on a file's say-so, so `importDrafts` leaves it out. */
export function commandWarnings(authentication: { readonly kind: string; readonly command?: string }): string[] {
  return authentication.kind === 'command'
    ? [
        'Its password comes from a command, which is not taken over. Enter it yourself if you trust it: ' +
          (authentication.command ?? ''),
      ]
    : [];
}

function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
