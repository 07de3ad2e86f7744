/** A statement whose plan is printed in every format. */
export type PlanStatement = {
  readonly name: string;
  readonly sql: string;
  /** `set local` before it. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Run before it, in the same transaction. */
  readonly before?: string;
  /** The first major that knows the statement. */
  readonly since?: number;
};

const PARALLEL = {
  parallel_setup_cost: 0,
  parallel_tuple_cost: 0,
  min_parallel_table_scan_size: 0,
  min_parallel_index_scan_size: 0,
  max_parallel_workers_per_gather: 2,
};
const ODD = '"Odd Schema"."a -> b (cost=1.00..2.00 rows=3 width=4)"';

/** Every kind of node and of expression that a server with these tables can be made to print. */
export const STATEMENTS: readonly PlanStatement[] = [
  // Scans
  { name: 'seq scan', sql: "select * from t where a = 3 and b like '%1'" },
  { name: 'result', sql: 'select 1, now()' },
  { name: 'result with a one-time filter', sql: "select * from t where current_user = 'nobody' and a = 1" },
  { name: 'false', sql: 'select * from t where false' },
  { name: 'values', sql: "values (1, 'a'), (2, 'b')" },
  { name: 'values in from', sql: "select * from (values (1, 'a'), (2, 'b')) v (x, y) where x > 1" },
  { name: 'index scan', sql: 'select * from t where id = 7' },
  { name: 'index scan backward', sql: 'select * from t order by id desc limit 3' },
  { name: 'index scan with filter', sql: 'select * from t where id between 10 and 200 and c > 100 and a <> 4' },
  { name: 'index only scan', sql: 'select id from t where id < 50', settings: { enable_seqscan: 'off' } },
  { name: 'index only scan backward', sql: 'select id from t where id < 50 order by id desc' },
  { name: 'index order by', sql: 'select * from points order by p <-> point(10, 10) limit 5' },
  {
    name: 'index recheck',
    sql: "select * from points where p <@ circle '((50,50),20)'",
    settings: { enable_seqscan: 'off', enable_bitmapscan: 'off' },
  },
  {
    name: 'bitmap heap scan',
    sql: "select * from t where a = 3 and d > '2024-06-01'",
    settings: { enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  {
    name: 'bitmap and',
    sql: 'select * from u where x = 3 and t_id < 1200',
    settings: { enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  {
    name: 'bitmap or',
    sql: 'select * from u where x = 3 or t_id = 12',
    settings: { enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  { name: 'gin', sql: 'select * from t where e @> array[5]', settings: { enable_seqscan: 'off' } },
  { name: 'brin', sql: "select count(*) from t where d = '2024-03-01'", settings: { enable_seqscan: 'off' } },
  {
    name: 'lossy bitmap',
    sql: 'select count(y) from u where x < 40',
    settings: { work_mem: '64kB', enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  { name: 'index on an expression', sql: "select * from t where lower(b) = 'row 5'" },
  { name: 'any of an array', sql: 'select * from t where id = any (array[1,2,3,500])' },
  { name: 'tid scan', sql: "select * from t where ctid = '(0,1)'" },
  { name: 'tid scan of an array', sql: "select * from t where ctid = any (array['(0,1)'::tid, '(0,2)'])" },
  { name: 'tid range scan', sql: "select * from t where ctid > '(0,1)' and ctid < '(3,1)'" },
  { name: 'sample scan', sql: 'select * from t tablesample bernoulli (10) repeatable (42) where a > 2' },
  { name: 'sample scan system', sql: 'select * from t as "T t" tablesample system (50) repeatable (7)' },
  { name: 'sample scan of an extension', sql: 'select count(*) from t tablesample system_rows (100)' },
  { name: 'function scan', sql: 'select * from generate_series(1, 10) g where g > 3' },
  {
    name: 'function scan with ordinality',
    sql: 'select * from slow_sets(5) with ordinality as s (x, y, n) where x > 1',
  },
  { name: 'rows from', sql: 'select * from rows from (generate_series(1, 3), sets()) as r (a, b)' },
  {
    name: 'function in a schema',
    sql: 'select * from pg_catalog.pg_stat_get_activity(null) as "A b" where pid is null',
  },
  { name: 'project set', sql: 'select generate_series(1, a), id from t where id < 5' },
  {
    name: 'xmltable',
    sql: "select * from xmltable('/r/i' passing xml '<r><i a=\"1\"/><i a=\"2\"/></r>' columns a int path '@a') as x",
  },
  {
    name: 'json_table',
    sql: "select * from json_table('[1,2,3]'::jsonb, '$[*]' columns (n int path '$')) as jt",
    since: 17,
  },
  { name: 'materialized view', sql: 'select * from mv' },
  { name: 'named tuplestore', sql: "select tgname from pg_trigger where tgname = 'after_statement'" },
  { name: 'foreign scan', sql: 'select * from ft where a = 3 and random() < 2' },
  { name: 'foreign join', sql: 'select * from ft join "f ""2" as "F, x" on ft.id = "F, x".t_id where ft.a = 1' },
  { name: 'foreign aggregate', sql: 'select a, count(*) from ft group by a having count(*) > 3 order by a' },
  { name: 'foreign update', sql: "update ft set b = 'x' where id = 5" },
  {
    name: 'foreign update with a local condition',
    sql: "update ft set b = 'x' where id = 5 and random() < 2 returning b",
  },
  { name: 'foreign delete', sql: 'delete from "f ""2" where id = 5' },
  { name: 'foreign insert', sql: "insert into ft select 100000 + i, 1, 'new' from generate_series(1, 3) i" },
  { name: 'async append', sql: "select * from async_p where b like 'row 1%'" },
  {
    name: 'subquery scan',
    sql: 'select * from (select id, row_number() over (order by a) as r from t where id < 50) "s q" where r < 3',
  },
  // Joins
  { name: 'nested loop', sql: 'select * from t join u on u.t_id = t.id where t.id < 20' },
  { name: 'nested loop with a join filter', sql: 'select * from small a join small b on a.n < b.n' },
  { name: 'nested loop left', sql: "select * from small a left join small b on a.n > b.n and b.s <> 's3'" },
  { name: 'hash join', sql: 'select t.b, u.y from t join u on u.t_id = t.id' },
  { name: 'hash left join', sql: 'select t.b, u.y from t left join u on u.t_id = t.id and u.x = 5 and u.y > t.b' },
  {
    name: 'hash right join',
    sql: 'select t.b, u.y from small s right join t on s.n = t.a left join u on u.t_id = t.id',
  },
  { name: 'hash full join', sql: 'select * from t full join u on u.t_id = t.id' },
  {
    name: 'merge join',
    sql: 'select * from t join u on u.t_id = t.id',
    settings: { enable_hashjoin: 'off', enable_nestloop: 'off' },
  },
  {
    name: 'merge full join',
    sql: 'select * from t full join u on u.t_id = t.id',
    settings: { enable_hashjoin: 'off' },
  },
  {
    name: 'merge join with materialize',
    sql: 'select * from t join u on u.x = t.a',
    settings: { enable_hashjoin: 'off', enable_nestloop: 'off' },
  },
  { name: 'semi join', sql: 'select * from t where exists (select from u where u.t_id = t.id and u.x > 10)' },
  {
    name: 'nested loop semi join',
    sql: 'select * from small where exists (select from u where u.x = small.n)',
    settings: { enable_hashjoin: 'off', enable_mergejoin: 'off' },
  },
  { name: 'anti join', sql: 'select * from t where not exists (select from u where u.t_id = t.id)' },
  {
    name: 'right anti join',
    sql: 'select * from small where not exists (select from u where u.x = small.n)',
    settings: { enable_nestloop: 'off', enable_mergejoin: 'off' },
  },
  { name: 'lateral', sql: 'select * from small s, lateral (select * from u where u.x = s.n order by u.id limit 2) l' },
  {
    name: 'memoize',
    sql: 'select * from u join t on t.id = u.x',
    settings: { enable_hashjoin: 'off', enable_mergejoin: 'off' },
  },
  {
    name: 'memoize of a lateral',
    sql: 'select u.id, l.m from u cross join lateral (select max(t.id) m from t where t.a = u.x offset 0) l where u.id < 400',
  },
  { name: 'cross join', sql: 'select * from small a, small b' },
  { name: 'row comparison', sql: "select * from t where (a, b) > (3, 'x') and (id, a) in ((1, 1), (2, 2))" },
  // Sorting, grouping, windows
  { name: 'sort', sql: 'select * from t order by b collate "C" desc nulls last, c using <, lower(b)' },
  { name: 'sort on disk', sql: 'select * from t, small order by b, s', settings: { work_mem: '64kB' } },
  { name: 'top-n sort', sql: 'select * from t order by c desc limit 3 offset 2' },
  { name: 'incremental sort', sql: 'select * from t order by a, c limit 500', settings: { enable_seqscan: 'off' } },
  {
    name: 'incremental sort in full',
    sql: 'select a, c from t order by a, c',
    settings: { enable_sort: 'off', enable_seqscan: 'off' },
  },
  { name: 'limit with ties', sql: 'select * from t order by a fetch first 3 rows with ties' },
  { name: 'aggregate', sql: "select count(*), sum(c) filter (where a > 3), string_agg(b, ', ' order by id) from t" },
  {
    name: 'group aggregate',
    sql: 'select a, count(*) from t group by a having count(*) > 3 order by a',
    settings: { enable_hashagg: 'off' },
  },
  { name: 'hash aggregate', sql: 'select b, count(*) from t group by b' },
  {
    name: 'hash aggregate on disk',
    sql: 'select b, c, count(*) from t group by b, c',
    settings: { work_mem: '64kB', enable_sort: 'off' },
  },
  { name: 'grouping sets', sql: 'select a, d, count(*) from t group by grouping sets ((a), (d), (a, d), ())' },
  {
    name: 'rollup',
    sql: 'select a, d, c, count(*) from t group by rollup (a, d, c)',
    settings: { enable_hashagg: 'off' },
  },
  { name: 'cube', sql: 'select a, d, e, count(*) from t group by cube (a, d, e)', settings: { enable_hashagg: 'off' } },
  { name: 'empty grouping sets', sql: 'select count(*) from t group by grouping sets ((), ())' },
  { name: 'group', sql: 'select a, b from t group by a, b order by a, b', settings: { enable_hashagg: 'off' } },
  { name: 'distinct', sql: 'select distinct a from t order by a', settings: { enable_hashagg: 'off' } },
  { name: 'distinct on', sql: 'select distinct on (a) a, b from t order by a, b' },
  { name: 'window', sql: 'select sum(c) over (partition by a order by b), rank() over (order by d) from t' },
  {
    name: 'windows',
    sql: 'select sum(a) over w, avg(a) over (w rows between 2 preceding and current row) from t window w as (partition by d order by id)',
  },
  { name: 'run condition', sql: 'select * from (select id, row_number() over (order by id) r from t) s where r <= 10' },
  {
    name: 'run condition with partitions',
    sql: 'select * from (select a, row_number() over (partition by a order by id) r from t) s where r <= 2 and a > 1',
  },
  // Sets
  { name: 'union', sql: 'select a from t union select x from u' },
  {
    name: 'union all',
    sql: "select a, b from t where a = 1 union all select x, y from u where x = 1 union all select 1, 'z'",
  },
  { name: 'except', sql: 'select a from t except select x from u' },
  { name: 'intersect all', sql: 'select a from t intersect all select x from u' },
  { name: 'except sorted', sql: 'select a from t except all select x from u', settings: { enable_hashagg: 'off' } },
  { name: 'merge append', sql: 'select * from p order by k limit 150' },
  { name: 'append', sql: "select * from p where v <> 'v7'" },
  { name: 'one partition', sql: 'select * from p where k = 150' },
  { name: 'inheritance', sql: 'select * from parent_t where n > 1' },
  {
    name: 'partitionwise',
    sql: 'select a.k, count(*) from p a join p b using (k) group by a.k',
    settings: { enable_partitionwise_join: 'on', enable_partitionwise_aggregate: 'on' },
  },
  { name: 'pruned at run time', sql: 'select * from p where k = (select n from small where n = 3)' },
  // Subqueries
  { name: 'init plan', sql: 'select * from t where a = (select max(n) from small) and id < 30' },
  {
    name: 'init plan of several columns',
    sql: 'select (select (n, s) from small limit 1), * from small where (n, s) = (select n, s from small where n = 2)',
  },
  {
    name: 'init plans nested',
    sql: 'select (select max(x) from u where t_id = (select min(n) from small)) + (select min(n) from small)',
  },
  { name: 'init plan of an array', sql: 'select * from t where id = any (array(select n from small))' },
  { name: 'init plan in an index condition', sql: 'select * from t where id = (select 4 + count(*) from small)' },
  { name: 'sub plan', sql: 'select id, (select count(*) from u where u.t_id = t.id) from t where id < 40' },
  {
    name: 'sub plan in a filter',
    sql: 'select * from t where id < 40 and a > (select avg(x) from u where u.t_id = t.id)',
  },
  { name: 'hashed sub plan', sql: 'select * from t where a not in (select n from small)' },
  {
    name: 'sub plan of not in',
    sql: 'select * from t where id < 30 and (a, b) not in (select n, s from small where n > t.id)',
  },
  { name: 'alternative sub plan', sql: 'select id, exists (select from u where u.t_id = t.id) from t' },
  {
    name: 'any of a sub plan',
    sql: 'select id, a > any (select n from small where n <> t.id), b = all (select s from small) from t where id < 5',
  },
  { name: 'row of a sub plan', sql: 'select (a, id) < (select n, n from small where n = t.id) from t where id < 4' },
  { name: 'sub plan in an aggregate', sql: 'select sum((select n from small where n = t.a limit 1)) from t' },
  {
    name: 'sub plan in a join',
    sql: 'select * from t join u on u.id = (select max(n) from small where n < t.id) and u.t_id > t.a where t.id < 6',
  },
  {
    name: 'cte',
    sql: "with c as materialized (select * from t where a < 3) select * from c c1 join c c2 on c1.id = c2.id where c1.b > 'r'",
  },
  { name: 'cte of one scan', sql: 'with "My CTE" as materialized (select id from t) select * from "My CTE" limit 3' },
  {
    name: 'ctes of one name',
    sql: 'with c as materialized (select 1 as n) select * from c, (with c as materialized (select n + 1 as n from c) select * from c) s',
  },
  {
    name: 'recursive',
    sql: 'with recursive r (n) as (select 1 union all select n + 1 from r where n < 20) select * from r',
  },
  {
    name: 'recursive union',
    sql: 'with recursive r (n, b) as (select id, b from t where id = 1 union select t.id, t.b from r join t on t.id = r.n + 1 where t.id < 10) select * from r order by n',
  },
  { name: 'cte that is not asked for', sql: "with c as (insert into small values (9, 'x') returning n) select 1" },
  {
    name: 'changing cte',
    sql: 'with moved as (delete from small where n > 3 returning *) insert into small select n + 10, s from moved returning n',
  },
  {
    name: 'two changing ctes',
    sql: 'with a as (update t set c = 0 where id = 1 returning id), b as (delete from small returning n) select * from a, b',
  },
  // Changes
  { name: 'insert', sql: "insert into small values (7, 'seven')" },
  { name: 'insert several', sql: "insert into small values (7, 'seven'), (8, 'eight') returning *" },
  { name: 'insert select', sql: 'insert into audited select i, i from generate_series(11, 14) i' },
  {
    name: 'on conflict do nothing',
    sql: 'insert into audited select i, i from generate_series(8, 14) i on conflict do nothing',
  },
  {
    name: 'on conflict do update',
    sql: 'insert into audited as "A x" select i, i from generate_series(8, 14) i on conflict (n) do update set v = excluded.v + 1 where "A x".v > 8',
  },
  { name: 'update', sql: 'update audited set v = v + 1 where n > 4' },
  { name: 'update from', sql: 'update u set x = t.a from t where t.id = u.t_id and t.id < 10' },
  { name: 'update of partitions', sql: "update p set v = 'new' where k > 90 and k < 110" },
  { name: 'update of all partitions', sql: "update p set v = 'new'" },
  { name: 'delete of inheritance', sql: 'delete from parent_t where n > 1' },
  { name: 'delete', sql: 'delete from audited where n < 3' },
  { name: 'delete using', sql: 'delete from u using small where u.x = small.n returning u.id, small.s' },
  { name: 'delete of partitions', sql: 'delete from p' },
  {
    name: 'merge',
    sql: "merge into small s using (select n + 2 as n from small) x on s.n = x.n when matched and s.n > 4 then delete when matched then update set s = 'm' when not matched then insert values (x.n, 'new')",
  },
  {
    name: 'merge that does nothing',
    sql: 'merge into small s using small x on s.n = x.n when matched then do nothing',
  },
  {
    name: 'merge into partitions',
    sql: "merge into p using generate_series(95, 310, 5) g on p.k = g when matched and k < 200 then update set v = 'm' when matched then delete",
  },
  {
    name: 'merge by source',
    sql: "merge into small s using (select 3 as n) x on s.n = x.n when not matched by source then delete when matched then update set s = 'm' returning merge_action(), s.*",
    since: 17,
  },
  { name: 'view with check option', sql: "update updatable set b = 'x' where id < 30" },
  { name: 'for update', sql: 'select * from t where id < 5 for update of t skip locked' },
  {
    name: 'current of',
    sql: 'update t set a = 1 where current of cur',
    before: 'declare cur cursor for select * from t; fetch 1 from cur',
  },
  { name: 'update of a system column', sql: 'delete from p where ctid in (select ctid from p where k = 1 limit 2)' },
  // Statements around a plan
  {
    name: 'execute',
    sql: 'execute prepared (3)',
    before: "prepare prepared (int) as select * from t where a = $1 and b > 'x'",
  },
  {
    name: 'execute generic',
    sql: "execute prepared (3, 'it''s')",
    before: 'prepare prepared (int, text) as select * from p where k = $1 and v <> $2',
    settings: { plan_cache_mode: 'force_generic_plan' },
  },
  {
    name: 'execute ten parameters',
    sql: 'execute prepared (1,2,3,4,5,6,7,8,9,10)',
    before:
      'prepare prepared as select * from t where a in ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) and id = (select max(n) from small)',
    settings: { plan_cache_mode: 'force_generic_plan' },
  },
  { name: 'declare', sql: 'declare d cursor for select * from t where a = 1' },
  { name: 'create table as', sql: 'create table made as select * from t where a = 1' },
  { name: 'create materialized view', sql: 'create materialized view made as select * from t where a = 1' },
  { name: 'rule', sql: 'insert into ruled values (5)' },
  // Parallel
  { name: 'gather', sql: 'select * from t where c > 2000', settings: PARALLEL },
  { name: 'gather merge', sql: 'select * from t order by c', settings: PARALLEL },
  { name: 'partial aggregate', sql: 'select a, count(*) from t group by a', settings: PARALLEL },
  {
    name: 'partial aggregate of all',
    sql: 'select sum(c) from t where a > (select min(n) from small)',
    settings: PARALLEL,
  },
  { name: 'parallel hash join', sql: 'select count(*) from t join u on u.t_id = t.id', settings: PARALLEL },
  {
    name: 'private hash join',
    sql: 'select count(*) from t join u on u.t_id = t.id',
    settings: { ...PARALLEL, enable_parallel_hash: 'off' },
  },
  {
    name: 'parallel index scan',
    sql: 'select count(b) from t where id < 1500',
    settings: { ...PARALLEL, enable_seqscan: 'off', enable_bitmapscan: 'off' },
  },
  {
    name: 'parallel index only scan',
    sql: 'select count(*) from t where id < 1500',
    settings: { ...PARALLEL, enable_seqscan: 'off', enable_bitmapscan: 'off' },
  },
  {
    name: 'parallel bitmap heap scan',
    sql: 'select count(y) from u where x < 40',
    settings: { ...PARALLEL, enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  { name: 'parallel append', sql: 'select count(*) from p', settings: PARALLEL },
  {
    name: 'gather without workers',
    sql: 'select * from t where c > 2000',
    settings: { ...PARALLEL, max_parallel_workers: 0 },
  },
  {
    name: 'gather without the leader',
    sql: 'select count(*) from t',
    settings: { ...PARALLEL, parallel_leader_participation: 'off' },
  },
  { name: 'single copy', sql: 'select count(*) from t', settings: { [`force_parallel_mode`]: 'on' } },
  {
    name: 'parallel with a sub plan',
    sql: 'select id, (select count(*) from small where n < t.a) from t where c > 100',
    settings: PARALLEL,
  },
  {
    name: 'gather under a nested loop',
    sql: 'select * from small s join lateral (select count(*) from t where t.c > 100 offset 0) l on true',
    settings: PARALLEL,
  },
  // Odd names and literals
  {
    name: 'odd names',
    sql: `select "x "" y", "select", "ünï 日本" from ${ODD} "-> z" where "x "" y" = 3 and "select" <> ')(' order by "ünï 日本"`,
    settings: { enable_seqscan: 'off' },
  },
  {
    name: 'odd index only scan',
    sql: `select "x "" y" from ${ODD} where "x "" y" < 3`,
    settings: { enable_seqscan: 'off' },
  },
  {
    name: 'odd bitmap scan',
    sql: `select * from ${ODD} where "x "" y" < 3`,
    settings: { enable_seqscan: 'off', enable_indexscan: 'off' },
  },
  { name: 'odd update', sql: `update ${ODD} "(never executed)" set "select" = 'x' where "x "" y" = 3` },
  {
    name: 'names with dots',
    sql: 'select * from "a.b" "c.d" where "c.d"."c.d" = 1',
    settings: { enable_seqscan: 'off' },
  },
  { name: 'dotted names as they are', sql: 'select "->  Seq Scan on t" from "a.b" order by 1' },
  { name: 'quotes in names', sql: 'select * from "it\'s" "a\'b" where "q\'q" = 1' },
  { name: 'names like lines', sql: 'select * from "Filter: (x" "Sort Key: z" order by "Sort Key: y"' },
  {
    name: 'alias that is an arrow',
    sql: 'select * from t "->" join t "  ->  Hash" on "->".id = "  ->  Hash".a where "->".id < 9',
  },
  {
    name: 'line break in a literal',
    sql: "select * from t where b = 'line one\n  ->  Seq Scan on evil  (cost=0.00..1.00 rows=1 width=4)\nline three' and a = 1",
  },
  {
    name: 'tab and backslash in a literal',
    sql: "select * from t where b <> E'tab\\there \\\\ back' and b <> 'C:\\dir'",
  },
  { name: 'quotes in a literal', sql: "select * from t where b = 'it''s \"quoted\", (open' or b = ']('" },
  {
    name: 'a literal like a plan',
    sql: "select 'Planning Time: 5 ms', * from t where b > 'Buffers: shared hit=5' order by b || ' (cost=0.00..1.00 rows=1 width=4)'",
  },
  {
    name: 'commas in keys',
    sql: "select a, count(*) from t group by a, coalesce(b, 'x, y'), array[a, id] order by coalesce(b, 'x, y'), a",
  },
  {
    name: 'long condition',
    sql: `select * from t where ${Array.from({ length: 60 }, (_, i) => `(a + ${i}) * id <> length(b) + ${i * 7}`).join(' and ')}`,
  },
  { name: 'long list', sql: `select * from t where c in (${Array.from({ length: 300 }, (_, i) => i).join(', ')})` },
  {
    name: 'json, intervals and casts',
    sql: "select f ->> 'k', d + interval '1 day', e[1], (f -> 'k')::text::int from t where f @> '{\"k\": 3}' and d between '2024-01-01' and '2024-02-01'",
  },
  {
    name: 'case',
    sql: "select case when a = 1 then 'one: 1' else b end, a is distinct from 3, a::text || '::' from t where case a when 1 then true else b is null end",
  },
  { name: 'unicode literal', sql: "select * from t where b = '日本語 ünïcödé \u{1F418}'" },
  { name: 'whole row', sql: 'select t, t.*::text from t where t is not null and id < 3' },
  {
    name: 'catalog',
    sql: "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' order by 2",
  },
  { name: 'information schema', sql: "select table_name from information_schema.tables where table_schema = 'public'" },
  { name: 'disabled node', sql: 'select * from small', settings: { enable_seqscan: 'off' } },
  {
    name: 'many partitions of a join',
    sql: 'select * from p a join p b on a.k = b.k + 1 left join t on t.id = a.k where a.k < 150',
  },
];
