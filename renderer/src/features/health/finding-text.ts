import type { HealthFinding } from '#contract/health-model.ts';

import type { Quantity } from '../../lib/format-bytes.ts';

export interface TextRun {
  readonly text: string;
  /** A name of something in the database, shown in the data font. */
  readonly name: boolean;
}

/** Cuts a finding's message into plain words and the names that it mentions: its object, qualified names, and settings of its evidence. */
export function messageRuns(finding: Pick<HealthFinding, 'message' | 'object' | 'evidence'>): readonly TextRun[] {
  const names = [
    finding.object,
    ...(finding.message.match(qualifiedName) ?? []),
    ...finding.evidence.map(({ label }) => label).filter((label) => settingName.test(label)),
  ]
    .filter((name) => name.length > 2 && (!name.includes(' ') || name.includes('"')))
    .toSorted((a, b) => b.length - a.length);
  const runs: TextRun[] = [];
  let plain = '';
  let at = 0;
  while (at < finding.message.length) {
    const name = boundaryBefore(finding.message, at)
      ? names.find((candidate) => namedAt(finding.message, at, candidate))
      : undefined;
    if (name === undefined) {
      plain += finding.message[at] ?? '';
      at += 1;
      continue;
    }
    if (plain !== '') runs.push({ text: plain, name: false });
    plain = '';
    runs.push({ text: name, name: true });
    at += name.length;
  }
  if (plain !== '') runs.push({ text: plain, name: false });
  return runs;
}

/** Splits a value such as `6.6 MB` or `93 %` so that its unit can be dimmed; null for any other text. */
export function quantityOf(value: string): Quantity | null {
  const parts = /^(-?[\d.,\u202f ]*\d)(?:\s?(%|[kMGTP]?B|µs|ms|s|min|h|d|days))?$/.exec(value);
  return parts === null ? null : { value: parts[1] ?? value, unit: parts[2] ?? '' };
}

/** Whether a value is too long to stand beside its label. */
export function isLongValue(value: string): boolean {
  return value.length > 44 || value.includes('\n');
}

const qualifiedName = /(?<![\w.])[a-z_][\w$]*(?:\.[a-z_][\w$]*)+/gi;
const settingName = /^[a-z]+(_[a-z]+)+$/;
const wordCharacter = /[\w$"]/;

function boundaryBefore(text: string, at: number): boolean {
  return at === 0 || !wordCharacter.test(text[at - 1] ?? '');
}

function namedAt(text: string, at: number, name: string): boolean {
  return text.startsWith(name, at) && !wordCharacter.test(text[at + name.length] ?? '');
}
