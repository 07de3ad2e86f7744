import type { PlanIndex } from './reader/plan-index.ts';
import { type PlanSheet, type SheetNode, propertiesOf } from './reader/plan-sheet.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf } from '../../lib/format-count.ts';

type Value = ReturnType<typeof propertiesOf>[string];

/** A property that is a number; null where it is missing or something else. */
export function numberProperty(node: SheetNode, key: string): number | null {
  const value = propertiesOf(node)[key];
  return typeof value === 'number' ? value : null;
}

/** What a node wrote to temporary files, in words; null where everything fitted into memory. */
export function spillOf(node: SheetNode): string | null {
  const spills: string[] = [];
  if (propertiesOf(node)['Sort Space Type'] === 'Disk')
    spills.push(`sorted ${formatBytes((numberProperty(node, 'Sort Space Used') ?? 0) * 1024)} on disk`);
  const batches = numberProperty(node, 'Hash Batches') ?? numberProperty(node, 'HashAgg Batches') ?? 1;
  if (batches > 1) spills.push(`the hash table was cut into ${countOf(batches, 'batch', 'batches')}`);
  const disk = numberProperty(node, 'Disk Usage');
  if (disk !== null && disk > 0) spills.push(`${formatBytes(disk * 1024)} went to disk`);
  const temp = node.selfBuffers?.tempWritten ?? 0;
  if (spills.length === 0 && temp > 0) spills.push(`${formatBytes(temp * 8192)} went to temporary files`);
  return spills.length === 0 ? null : spills.join(', ');
}

/** Workers of a node that gathers them; null for all others. */
export function workersOf(node: SheetNode): { readonly planned: number; readonly launched: number | null } | null {
  const planned = numberProperty(node, 'Workers Planned');
  return planned === null ? null : { planned, launched: numberProperty(node, 'Workers Launched') };
}

/** Bytes a second that the node itself read at; null where nothing was read or reads were not timed (`track_io_timing`). */
export function readSpeedOf(index: PlanIndex, node: SheetNode): number | null {
  const readMs = index.measures.reading?.[node.id] ?? 0;
  const blocks = (node.selfBuffers?.sharedRead ?? 0) + (node.selfBuffers?.localRead ?? 0);
  return blocks === 0 || readMs <= 0 ? null : (blocks * 8192) / (readMs / 1000);
}

/** Said elsewhere in the node's details, or by the tree itself. */
const shownElsewhere = new Set([
  'Node Type',
  'Parent Relationship',
  'Relation Name',
  'Schema',
  'Alias',
  'Index Name',
  'Startup Cost',
  'Total Cost',
  'Plan Rows',
  'Plan Width',
  'Actual Startup Time',
  'Actual Total Time',
  'Actual Rows',
  'Actual Loops',
  'Shared Hit Blocks',
  'Shared Read Blocks',
  'Subplan Name',
]);

/** The other properties of a node, in words, without those that say nothing. */
export function propertyRows(node: SheetNode): (readonly [name: string, value: string])[] {
  return Object.entries(propertiesOf(node)).flatMap(([name, value]) => {
    if (shownElsewhere.has(name) || saysNothing(name, value)) return [];
    return [[name, propertyText(value)] as const];
  });
}

function saysNothing(name: string, value: Value): boolean {
  if (value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return value === 0 && /Blocks|Time|Removed|WAL|Batches/.test(name);
}

/** A property's value as a person reads it: lists with commas, structures as JSON. */
export function propertyText(value: Value | undefined): string {
  if (Array.isArray(value))
    return value.every((entry) => typeof entry !== 'object') ? value.map(String).join(', ') : JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value === undefined || value === null ? '' : String(value);
}

const statementShown = new Set(['Planning Time', 'Execution Time', 'Triggers', 'Settings', 'JIT', 'Query Text']);

/** What the plan says about the statement as a whole: settings that differ, JIT, triggers, planning buffers. */
export function statementRows(plan: PlanSheet): (readonly [name: string, value: string])[] {
  const rows: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(plan.settings ?? {})) rows.push([name, value]);
  for (const trigger of plan.triggers) {
    const of = trigger.relation === undefined ? '' : ` on ${trigger.relation}`;
    const time = trigger.timeMs === undefined ? '' : `${trigger.timeMs} ms, `;
    rows.push([`Trigger ${trigger.constraint ?? trigger.name}${of}`, `${time}${countOf(trigger.calls, 'call')}`]);
  }
  for (const [name, value] of Object.entries(plan.jit ?? {})) rows.push([`JIT ${name}`, propertyText(value)]);
  for (const [name, value] of Object.entries(plan.properties ?? {})) {
    if (!statementShown.has(name)) rows.push([name, propertyText(value)]);
  }
  return rows.filter(([, value]) => value !== '' && value !== '[]' && value !== '{}');
}
