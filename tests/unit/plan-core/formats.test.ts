import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { analyzePlans, printPlanText } from '../../../electron/plan-core/index.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const NAMES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.slice(0, -4));

function read(name: string): Plan {
  const [plan] = analyzePlans(readFileSync(join(FIXTURES, name), 'utf8'));
  if (!plan) throw new Error(`no plan in ${name}`);
  return plan;
}

/** FORMAT TEXT has no word for these: they are false, or empty, or only told by FORMAT JSON. */
const UNTOLD = new Set(['Workers', 'Disabled', 'Planned Partitions']);
/** Nor for these without VERBOSE, or of a version that has them not. */
const UNTOLD_WHEN_FALSE = new Set(['Async Capable', 'Inner Unique']);

function comparable(node: PlanNode): unknown {
  const properties = Object.fromEntries(
    Object.entries(node.properties).filter(
      ([key, value]) => !UNTOLD.has(key) && !(value === false && UNTOLD_WHEN_FALSE.has(key)),
    ),
  );
  return { ...node, line: 0, endLine: 0, properties };
}

describe.each(NAMES)('%s in four formats', (name) => {
  it.each(['json', 'yaml', 'xml'])('text agrees with %s in every key', (format) => {
    const text = read(`${name}.txt`);
    const other = read(`${name}.${format}`);
    expect(text.nodes.map(comparable)).toEqual(other.nodes.map(comparable));
    expect(other.format).toBe(format);
  });

  it.each(['json', 'yaml', 'xml'])('%s is printed as PostgreSQL prints text', (format) => {
    const source = readFileSync(join(FIXTURES, `${name}.txt`), 'utf8').trimEnd();
    expect(read(`${name}.${format}`).text).toBe(source);
    expect(read(`${name}.txt`).text).toBe(source);
  });

  it.each(['json', 'yaml', 'xml'])('nodes of %s stand on the lines that they stand on in text', (format) => {
    const lines = (plan: Plan): number[][] => plan.nodes.map(({ line, endLine }) => [line, endLine]);
    expect(lines(read(`${name}.${format}`))).toEqual(lines(read(`${name}.txt`)));
  });
});

describe('a timed run', () => {
  it.each(readdirSync(FIXTURES).filter((name) => name.startsWith('timed-')))(
    '%s: printed and read again, the numbers are the same',
    (name) => {
      const plan = read(name);
      const [again] = analyzePlans(plan.text);
      const numbers = ({ nodes }: Plan): unknown =>
        nodes.map(({ selfMs, totalMs, selfBuffers, estimateFactor, processes, line, endLine }) => ({
          selfMs,
          totalMs,
          selfBuffers,
          estimateFactor,
          processes,
          line,
          endLine,
        }));
      expect(again && numbers(again)).toEqual(numbers(plan));
      expect(again?.executionMs).toBe(plan.executionMs);
      expect(printPlanText(plan).text).toBe(plan.text);
    },
  );
});
