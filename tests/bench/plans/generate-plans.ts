/** A node as FORMAT JSON has it. */
export type GeneratedNode = { [key: string]: string | number | boolean | string[] | GeneratedNode[] };

const TABLES = ['orders', 'customers', 'order_lines', 'products', 'shipments', 'invoices', 'payments', 'stock'];
const MOST_DEEP = 60;

/**
 * A plan of exactly so many nodes, wide and deep at once: joins of joins, appends of partitions, sorts, aggregates,
 * bitmap scans; with times, buffers and conditions as EXPLAIN (ANALYZE, BUFFERS) prints them. The same for the same number.
 * @returns FORMAT JSON
 */
export function generateMixedPlan(nodes: number): string {
  const random = seeded(nodes);
  return document(new Builder(random).build(nodes, 0));
}

/** An aggregate over an append of so many partitions; FORMAT JSON. */
export function generatePartitions(partitions: number): string {
  const builder = new Builder(seeded(partitions));
  const members = Array.from({ length: partitions }, (_, index) => builder.partition(index));
  return document(
    withChildren({ 'Node Type': 'Aggregate', Strategy: 'Plain', 'Partial Mode': 'Simple' }, 1, [
      withChildren({ 'Node Type': 'Append', 'Subplans Removed': 0 }, partitions / 1000, members),
    ]),
  );
}

function document(root: GeneratedNode): string {
  const total = root['Actual Total Time'];
  return JSON.stringify(
    [{ Plan: root, 'Planning Time': 12.5, Triggers: [], 'Execution Time': round(Number(total) + 1) }],
    null,
    2,
  );
}

class Builder {
  readonly #random: () => number;
  #scans = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Exactly so many nodes. */
  build(count: number, depth: number): GeneratedNode {
    if (count <= 1) return this.#scan();
    if (count === 2) return this.#bitmapScan();
    const roll = this.#random();
    if (depth >= MOST_DEEP || (count > 20 && roll < 0.25)) return this.#append(count, depth);
    if (count === 3 || roll < 0.35) return this.#single(count, depth, roll);
    return this.#join(count, depth, roll);
  }

  partition(index: number): GeneratedNode {
    return leaf(
      {
        'Node Type': 'Seq Scan',
        'Relation Name': `measurement_p${String(index).padStart(5, '0')}`,
        Alias: `m_${index + 1}`,
        Filter: "(logdate = '2026-01-01'::date)",
        'Rows Removed by Filter': 100 + (index % 50),
      },
      round(0.01 + ((index * 7919) % 100) / 1000),
      index % 13,
      index % 5,
    );
  }

  #scan(): GeneratedNode {
    const index = this.#scans++;
    const table = TABLES[index % TABLES.length] ?? 'orders';
    const alias = `${table.charAt(0)}_${index}`;
    const ms = round(0.01 + this.#random() * 3);
    const rows = Math.floor(this.#random() * 5000);
    if (this.#random() < 0.5)
      return leaf(
        {
          'Node Type': 'Index Scan',
          'Scan Direction': 'Forward',
          'Index Name': `${table}_pkey`,
          'Relation Name': table,
          Alias: alias,
          'Index Cond': `(id = ${alias}.${table}_id)`,
          'Rows Removed by Index Recheck': 0,
        },
        ms,
        rows,
        index % 7,
      );
    return leaf(
      {
        'Node Type': 'Seq Scan',
        'Relation Name': table,
        Alias: alias,
        Filter: `((status = 'paid'::text) AND (total > '${index % 100}.50'::numeric))`,
        'Rows Removed by Filter': Math.floor(this.#random() * 20_000),
      },
      ms,
      rows,
      index % 11,
    );
  }

  #bitmapScan(): GeneratedNode {
    const index = this.#scans++;
    const table = TABLES[index % TABLES.length] ?? 'orders';
    const condition = `(created_at >= '2026-0${1 + (index % 9)}-01'::date)`;
    return withChildren(
      {
        'Node Type': 'Bitmap Heap Scan',
        'Relation Name': table,
        Alias: `${table.charAt(0)}_${index}`,
        'Recheck Cond': condition,
        'Rows Removed by Index Recheck': 0,
        'Exact Heap Blocks': 10 + (index % 90),
        'Lossy Heap Blocks': 0,
      },
      round(this.#random()),
      [
        leaf(
          { 'Node Type': 'Bitmap Index Scan', 'Index Name': `${table}_created_at_idx`, 'Index Cond': condition },
          round(0.01 + this.#random()),
          index % 500,
          index % 3,
        ),
      ],
    );
  }

  #single(count: number, depth: number, roll: number): GeneratedNode {
    const own: GeneratedNode =
      roll < 0.3
        ? {
            'Node Type': 'Sort',
            'Sort Key': ['created_at DESC', 'id'],
            'Sort Method': 'quicksort',
            'Sort Space Used': 25 + Math.floor(roll * 10_000),
            'Sort Space Type': 'Memory',
          }
        : {
            'Node Type': 'Aggregate',
            Strategy: 'Hashed',
            'Partial Mode': 'Simple',
            'Group Key': ['customer_id'],
            'Planned Partitions': 0,
            'HashAgg Batches': 1,
            'Peak Memory Usage': 409,
            'Disk Usage': 0,
          };
    return withChildren(own, round(this.#random()), [this.build(count - 1, depth + 1)]);
  }

  #append(count: number, depth: number): GeneratedNode {
    const members = Math.min(count - 1, 12 + Math.floor(this.#random() * 60));
    const each = Math.floor((count - 1) / members);
    const children = Array.from({ length: members }, (_, index) =>
      this.build(index === members - 1 ? count - 1 - each * (members - 1) : each, depth + 1),
    );
    return withChildren({ 'Node Type': 'Append', 'Subplans Removed': 0 }, 0.01, children);
  }

  #join(count: number, depth: number, roll: number): GeneratedNode {
    const inner = Math.max(1, Math.floor((count - 2) * (roll < 0.7 ? 0.05 : 0.4)));
    const condition = `(o_${depth}.customer_id = c_${depth}.id)`;
    if (roll < 0.75)
      return withChildren(
        { 'Node Type': 'Hash Join', 'Join Type': roll < 0.5 ? 'Left' : 'Inner', 'Hash Cond': condition },
        round(this.#random() * 2),
        [
          this.build(count - 2 - inner, depth + 1),
          withChildren(
            {
              'Node Type': 'Hash',
              'Hash Buckets': 1024,
              'Original Hash Buckets': 1024,
              'Hash Batches': 1,
              'Original Hash Batches': 1,
              'Peak Memory Usage': 49,
            },
            0.05,
            [this.build(inner, depth + 2)],
          ),
        ],
      );
    return withChildren(
      {
        'Node Type': 'Nested Loop',
        'Join Type': 'Inner',
        'Join Filter': condition,
        'Rows Removed by Join Filter': Math.floor(this.#random() * 100),
      },
      round(this.#random() * 2),
      [this.build(count - 1 - inner, depth + 1), this.build(inner, depth + 1)],
    );
  }
}

function leaf(own: GeneratedNode, ms: number, rows: number, read: number): GeneratedNode {
  return complete(own, ms, rows, 3 + read * 2, read);
}

/** Times and buffers of a node hold those of its children. */
function withChildren(own: GeneratedNode, ownMs: number, children: GeneratedNode[]): GeneratedNode {
  const sum = (key: string): number => children.reduce((total, child) => total + Number(child[key] ?? 0), 0);
  const node = complete(
    own,
    round(ownMs + sum('Actual Total Time')),
    Math.min(sum('Actual Rows'), 100_000),
    sum('Shared Hit Blocks'),
    sum('Shared Read Blocks'),
  );
  const isAppend = own['Node Type'] === 'Append';
  children.forEach((child, index) => {
    child['Parent Relationship'] = isAppend ? 'Member' : index === 0 ? 'Outer' : 'Inner';
  });
  return { ...node, Plans: children };
}

function complete(own: GeneratedNode, ms: number, rows: number, hit: number, read: number): GeneratedNode {
  const { 'Node Type': type, ...rest } = own;
  return {
    'Node Type': type ?? '',
    'Parent Relationship': 'Outer',
    'Parallel Aware': false,
    'Async Capable': false,
    ...naming(rest),
    'Startup Cost': 0,
    'Total Cost': round(ms * 12 + 1),
    'Plan Rows': Math.max(1, Math.floor(rows / 3)),
    'Plan Width': 40,
    'Actual Startup Time': round(ms / 10),
    'Actual Total Time': ms,
    'Actual Rows': rows,
    'Actual Loops': 1,
    ...conditions(rest),
    'Shared Hit Blocks': hit,
    'Shared Read Blocks': read,
    'Shared Dirtied Blocks': 0,
    'Shared Written Blocks': 0,
    'Local Hit Blocks': 0,
    'Local Read Blocks': 0,
    'Local Dirtied Blocks': 0,
    'Local Written Blocks': 0,
    'Temp Read Blocks': 0,
    'Temp Written Blocks': 0,
  };
}

const NAMING = /^(?:Strategy|Partial Mode|Join Type|Scan Direction|Index Name|Relation Name|Alias)$/;

function naming(own: GeneratedNode): GeneratedNode {
  return Object.fromEntries(Object.entries(own).filter(([key]) => NAMING.test(key)));
}

function conditions(own: GeneratedNode): GeneratedNode {
  return Object.fromEntries(Object.entries(own).filter(([key]) => !NAMING.test(key)));
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** A small generator of numbers from 0 to 1 (mulberry32): the same plan on every machine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
