import type { JsonObject } from '../raw-plan.ts';
import { readNodeName } from './node-line.ts';
import type { PlainNumbers } from './plain-numbers.ts';
import { putNumbers } from './plain-numbers.ts';

/** A scan whose names need no quotes: kind, index, schema, relation, alias. */
const SCAN =
  /^((?:Parallel )?(?:Seq|Bitmap Heap|Index|Index Only) Scan)(?: using ([a-z_][a-z_0-9]*))? on (?:([a-z_][a-z_0-9]*)\.)?([a-z_][a-z_0-9]*)(?: ([a-z_][a-z_0-9]*))?$/;
const MOST_KEPT = 1000;
const LONGEST_KEPT = 40;

/**
 * What a node's first line says, under the names of FORMAT JSON. Few kinds of nodes make a large plan, so what
 * {@link readNodeName} says of a kind is kept, numbers included, and copied for every node of it: a copy has room for
 * all keys at once, where setting one after the other makes the object grow a dozen times.
 */
export class PlainLabels {
  readonly #kept = new Map<string, JsonObject>();

  read(label: string, numbers: PlainNumbers): JsonObject {
    const scan = SCAN.exec(label);
    const hasIndex = scan?.[2] !== undefined;
    const isKept = scan
      ? hasIndex === scan[1]?.includes('Index')
      : label.length <= LONGEST_KEPT && !label.includes(' on ');
    const properties = isKept
      ? { ...this.#template(scan ? `${scan[1] ?? ''}${scan[3] === undefined ? '' : '.'}` : label, scan, numbers) }
      : readNodeName(label).properties;
    if (scan && isKept) {
      if (hasIndex) properties['Index Name'] = scan[2] ?? '';
      properties['Relation Name'] = scan[4] ?? '';
      if (scan[3] !== undefined) properties['Schema'] = scan[3];
      properties['Alias'] = scan[5] ?? scan[4] ?? '';
    }
    putNumbers(numbers, properties);
    return properties;
  }

  #template(kind: string, scan: RegExpExecArray | null, numbers: PlainNumbers): JsonObject {
    const key = numbers.actual === 'timed' ? kind : `${kind} ${numbers.actual}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const { properties } = readNodeName(scan?.[0] ?? kind);
    putNumbers(numbers, properties);
    if (this.#kept.size < MOST_KEPT) this.#kept.set(key, properties);
    return properties;
  }
}
