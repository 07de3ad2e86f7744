import { setTimeout as wait } from 'node:timers/promises';

import type { ActivityEvent, ActivitySample, ActivitySession } from '#contract/activity.ts';

import { startHttpServer } from '../../electron/hosts/headless/http-server.ts';
import { places } from '../../electron/hosts/places.ts';
import { createRouter } from '../../electron/rpc/router.ts';
import { createServices } from '../../electron/services/index.ts';

/** Waves with noise, the same each time. */
function wave(at: number, period: number, seed: number): number {
  const noise = Math.abs(Math.sin(at * 12.9898 + seed * 78.233) * 43758.5453) % 1;
  return (Math.sin((at / period) * 2 * Math.PI + seed) + 1) * 0.4 + noise * 0.2;
}

function sample(atMs: number, afterGap: boolean): ActivitySample {
  const at = Math.round(atMs / 1000);
  const load = wave(at, 240, 1);
  const spike = wave(at, 97, 5) > 0.86 ? 1 : 0;
  const rate = (value: number): number | null => (afterGap ? null : value);
  const waiting = spike === 1 ? 9 : 0;
  return {
    at: new Date(atMs).toISOString(),
    spanMs: afterGap ? null : 1000,
    commits: rate(420 + load * 900),
    rollbacks: rate(4 + spike * 30),
    sessions: {
      active: 8 + Math.round(load * 14) + waiting,
      idle: 64 - Math.round(load * 12),
      idleInTransaction: 3 + Math.round(wave(at, 60, 3) * 5),
      waiting,
      hidden: 0,
      total: 97,
      limit: 197,
    },
    cacheHit: rate(0.992 - load * 0.02 - spike * 0.02),
    blocksHit: rate(48_000 + load * 9000),
    blocksRead: rate(300 + load * 1200 + spike * 3000),
    tuplesReturned: rate(180_000 + load * 620_000),
    tuplesFetched: rate(52_000 + load * 90_000),
    tuplesInserted: rate(310 + load * 400),
    tuplesUpdated: rate(820 + load * 600),
    tuplesDeleted: rate(12 + wave(at, 45, 8) * 60),
    tempBytes: rate(spike * (38e6 + load * 9e6)),
    walBytes: rate(1.1e6 + load * 4.4e6),
    ioReadMs: rate(120 + load * 300),
    ioWriteMs: rate(30),
    deadlocks: rate(0),
  };
}

const users = ['shop_api', 'clerk', 'reporting', 'worker', 'etl'];
const queries = [
  `select o.id, o.state, sum(i.price * i.amount) from orders o join items i on i.order_id = o.id where o.placed_at > now() - interval '1 day' group by o.id, o.state`,
  `update stock set amount = amount - $1 where product_id = $2`,
  `insert into events (kind, body) values ($1, $2)`,
  `select * from customers where lower(email) = $1`,
  `refresh materialized view concurrently daily_sales`,
];

function session(index: number, tick: number): ActivitySession {
  const isActive = index % 3 !== 0;
  const waits = index >= 3 && index < 15;
  return {
    pid: 20_000 + index * 7,
    backendStart: `2026-11-29 08:${String(index % 60).padStart(2, '0')}:11.5+00`,
    backendType: 'client backend',
    database: 'shop',
    user: users[index % users.length] ?? '',
    application: ['checkout', 'psql', 'metabase', 'worker 3', ''][index % 5] ?? '',
    client: `10.0.4.${index % 250}:${40_000 + index}`,
    state: isActive || waits ? 'active' : 'idle in transaction',
    waitEventType: waits ? 'Lock' : isActive ? null : 'Client',
    waitEvent: waits ? 'transactionid' : isActive ? null : 'ClientRead',
    transactionMs: 90_000 - index * 170 + tick * 1000,
    stateMs: 800,
    queryMs: isActive || waits ? 40_000 - index * 75 + tick * 1000 : null,
    xminAge: index % 4 === 0 ? 1200 * (index + 1) : null,
    leaderPid: null,
    query: queries[index % queries.length] ?? '',
    own: false,
  };
}

async function* watch(_id: string, signal?: AbortSignal): AsyncGenerator<ActivityEvent> {
  const began = Date.now();
  const count = 600;
  // For half a minute the server was away.
  const isAway = (index: number): boolean => index >= 330 && index < 362;
  yield {
    kind: 'memory',
    samples: Array.from({ length: count }, (_, index) => index)
      .filter((index) => !isAway(index))
      .map((index) => sample(began - (count - index) * 1000, index === 0 || index === 362)),
  };
  for (let tick = 0; signal?.aborted !== true; tick += 1) {
    yield { kind: 'sample', sample: sample(Date.now(), false) };
    if (tick % 2 === 0) {
      const at = new Date().toISOString();
      yield {
        kind: 'sessions',
        at,
        sessions: Array.from({ length: 500 }, (_, index) => session(index, tick)),
        omitted: 0,
        unlockSql: null,
      };
      const pids = Array.from({ length: 15 }, (_, index) => 20_000 + index * 7);
      yield {
        kind: 'locks',
        at,
        omitted: 0,
        // Eight in the queue for one row, two of two holders, two behind one of the queue.
        waits: pids.slice(3).map((pid, index) => ({
          pid,
          blockedBy:
            index < 8
              ? [pids[0] ?? 0, ...pids.slice(3, 3 + index)]
              : index < 10
                ? [pids[1] ?? 0, pids[2] ?? 0]
                : [pids[11] ?? 0],
          mode: index < 8 ? 'ShareLock' : 'AccessExclusiveLock',
          target: index < 8 ? 'transaction 48112' : 'public.orders',
          waitMs: 34_000 - index * 2100 + tick * 1000,
        })),
      };
      yield {
        kind: 'progress',
        at,
        rows: [
          {
            pid: 20_049,
            command: 'vacuum',
            relation: 'public.orders',
            database: 'shop',
            phase: 'scanning heap',
            done: 48_112 + tick * 900,
            total: 183_420,
            unit: 'blocks',
            detail: null,
          },
          {
            pid: 20_056,
            command: 'create index concurrently',
            relation: 'public.items',
            database: 'shop',
            phase: 'building index: loading tuples in tree',
            done: 4_100_000 + tick * 9000,
            total: 18_000_000,
            unit: 'rows',
            detail: '1 of 3 lock holders gone',
          },
          {
            pid: 20_063,
            command: 'copy from',
            relation: 'public.events',
            database: 'shop',
            phase: 'pipe',
            done: 912e6 + tick * 3e6,
            total: 0,
            unit: 'bytes',
            detail: '8100000 rows',
          },
          {
            pid: 20_070,
            command: 'base backup',
            relation: null,
            database: null,
            phase: 'streaming database files',
            done: 14e9,
            total: 61e9,
            unit: 'bytes',
            detail: '0 of 1 tablespaces',
          },
        ],
      };
    }
    await wait(1000, undefined, signal ? { signal } : {}).catch(() => {});
  }
}

const activity = {
  watch,
  session: () =>
    Promise.resolve({
      query: queries[0] ?? '',
      locks: [{ target: 'public.orders', mode: 'RowExclusiveLock', granted: true, count: 2 }],
      omitted: 0,
    }),
  cancel: () => Promise.resolve({ ended: true }),
  terminate: () => Promise.resolve({ ended: true }),
};

/** The headless host with an activity that is made up: ten full minutes, five hundred sessions, a queue for a lock. */
export async function startActivityHost(
  dataDirectory: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const services = await createServices({
    kind: 'headless',
    version: places.version,
    dataDirectory,
    assets: places.assets,
    storeUrl: undefined,
    storeMode: 'none',
    keychain: undefined,
    keychainRefusal: undefined,
    log: () => {},
  });
  const router = createRouter(Object.assign(Object.create(services), { activity }));
  const server = await startHttpServer({ router, assets: places.renderer, port: 0 });
  return {
    url: server.url,
    stop: async () => {
      await server[Symbol.asyncDispose]();
      await services[Symbol.asyncDispose]();
    },
  };
}
