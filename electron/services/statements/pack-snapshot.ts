import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

import {
  counterAt,
  counterNames,
  type CounterName,
  type SnapshotEntry,
  type SnapshotMeta,
  type StatementSnapshot,
} from './statement-snapshot.ts';

const squeeze = promisify(deflate);
const unsqueeze = promisify(inflate);

/**
 * A snapshot as it is stored: columns instead of rows, the bytes of each column's numbers side by side, deflated by
 * Node's own threads. `head` alone is enough for how calls and mean time went.
 */
export interface PackedSnapshot {
  readonly meta: SnapshotMeta & {
    readonly packed: { readonly entries: number; readonly totalMs: number; readonly body: readonly CounterName[] };
  };
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** Columns that are packed before others get their turn. */
const columnsAStep = 8;

const headCounters: readonly CounterName[] = ['calls', 'totalMs'];

export async function packSnapshot({ meta, entries }: StatementSnapshot): Promise<PackedSnapshot> {
  const body = counterNames.filter(
    (name) => !headCounters.includes(name) && entries.some(({ values }) => !Number.isNaN(values[counterAt[name]])),
  );
  const columns = async (names: readonly CounterName[], first: Buffer): Promise<Buffer> => {
    const parts = [first];
    for (const [index, name] of names.entries()) {
      if (index % columnsAStep === columnsAStep - 1) await breathe();
      parts.push(packColumn(entries, name));
    }
    return squeeze(Buffer.concat(parts), { level: 5 });
  };
  const head = await columns(headCounters, packKeys(entries));
  const rest = await columns(body, Buffer.alloc(0));
  const totalMs = entries.reduce((sum, { values }) => sum + (values[counterAt.totalMs] ?? 0), 0);
  return { meta: { ...meta, packed: { entries: entries.length, totalMs, body } }, head, body: rest };
}

export async function unpackSnapshot({ meta, head, body }: PackedSnapshot): Promise<StatementSnapshot> {
  const { packed, ...plain } = meta;
  const count = packed.entries;
  const entries = unpackHead(await unsqueeze(head), count);
  const columns = await unsqueeze(body);
  for (const [index, name] of packed.body.entries()) {
    if (index % columnsAStep === columnsAStep - 1) await breathe();
    unpackColumn(columns.subarray(index * 8 * count), entries, name);
  }
  return { meta: plain, entries };
}

/** Only ids, calls and total time: other counters are NaN. */
export async function unpackSeries({
  meta,
  head,
}: Pick<PackedSnapshot, 'meta' | 'head'>): Promise<readonly SnapshotEntry[]> {
  return unpackHead(await unsqueeze(head), meta.packed.entries);
}

const keyBytes = 8 + 4 + 4 + 1;

function packKeys(entries: readonly SnapshotEntry[]): Buffer {
  const count = entries.length;
  const keys = Buffer.alloc(count * keyBytes);
  for (const [row, { queryId, userId, databaseId, nested }] of entries.entries()) {
    keys.writeBigInt64LE(BigInt(queryId), row * 8);
    keys.writeUInt32LE(userId, count * 8 + row * 4);
    keys.writeUInt32LE(databaseId, count * 12 + row * 4);
    keys.writeUInt8(nested === null ? 2 : Number(nested), count * 16 + row);
  }
  return keys;
}

function unpackHead(bytes: Buffer, count: number): SnapshotEntry[] {
  const numbers = new Float64Array(count * counterNames.length).fill(Number.NaN);
  const entries: SnapshotEntry[] = [];
  for (let row = 0; row < count; row += 1) {
    const flag = bytes.readUInt8(count * 16 + row);
    entries.push({
      queryId: String(bytes.readBigInt64LE(row * 8)),
      userId: bytes.readUInt32LE(count * 8 + row * 4),
      databaseId: bytes.readUInt32LE(count * 12 + row * 4),
      nested: flag === 2 ? null : flag === 1,
      values: numbers.subarray(row * counterNames.length, (row + 1) * counterNames.length),
    });
  }
  for (const [index, name] of headCounters.entries()) {
    unpackColumn(bytes.subarray(count * keyBytes + index * 8 * count), entries, name);
  }
  return entries;
}

/**
 * The first bytes of all numbers, then their second bytes, and so on: alike bytes lie together. Numbers lie in the
 * order of this machine, which every machine that Node runs on shares.
 */
function packColumn(entries: readonly SnapshotEntry[], name: CounterName): Buffer {
  const count = entries.length;
  const numbers = new Float64Array(count);
  const at = counterAt[name];
  for (let row = 0; row < count; row += 1) numbers[row] = entries[row]?.values[at] ?? Number.NaN;
  const bytes = new Uint8Array(numbers.buffer);
  const column = Buffer.allocUnsafe(8 * count);
  for (let byte = 0; byte < 8; byte += 1)
    for (let row = 0; row < count; row += 1) column[byte * count + row] = bytes[row * 8 + byte] ?? 0;
  return column;
}

function unpackColumn(column: Buffer, entries: readonly SnapshotEntry[], name: CounterName): void {
  const count = entries.length;
  const numbers = new Float64Array(count);
  const bytes = new Uint8Array(numbers.buffer);
  for (let byte = 0; byte < 8; byte += 1)
    for (let row = 0; row < count; row += 1) bytes[row * 8 + byte] = column[byte * count + row] ?? 0;
  const at = counterAt[name];
  for (let row = 0; row < count; row += 1) {
    const values = entries[row]?.values;
    if (values !== undefined) values[at] = numbers[row] ?? Number.NaN;
  }
}
