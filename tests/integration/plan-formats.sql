-- What the statements of plan-formats-statements.ts run on. Run on PostgreSQL 15 and 18.
create extension postgres_fdw;
create extension tsm_system_rows;

create table t (id int primary key, a int, b text, c numeric, d date, e int[], f jsonb);
insert into t
select i, i % 10, 'row ' || i, i * 1.5, date '2024-01-01' + i % 365, array[i, i + 1], jsonb_build_object('k', i % 7)
from generate_series(1, 2000) i;
create index t_a on t (a);
create index t_a_b on t (a, b);
create index t_lower on t (lower(b));
create index t_e on t using gin (e);
create index t_d on t using brin (d);

create table u (id int primary key, t_id int references t (id), x int, y text);
insert into u select i, 1 + i % 2000, i % 50, 'u ' || i from generate_series(1, 3000) i;
create index u_t on u (t_id);
create index u_x on u (x);

create table small (n int, s text);
insert into small select i, 's' || i from generate_series(1, 5) i;

create table p (k int, v text) partition by range (k);
create table p_1 partition of p for values from (0) to (100);
create table p_2 partition of p for values from (100) to (200);
create table p_3 partition of p for values from (200) to (300);
insert into p select i, 'v' || i from generate_series(0, 299) i;
create index p_k on p (k);

create table parent_t (n int);
create table child_1 () inherits (parent_t);
create table child_2 () inherits (parent_t);
insert into parent_t values (1);
insert into child_1 values (2);
insert into child_2 values (3);

create schema "Odd Schema";
create table "Odd Schema"."a -> b (cost=1.00..2.00 rows=3 width=4)" ("x "" y" int, "select" text, "ünï 日本" int);
insert into "Odd Schema"."a -> b (cost=1.00..2.00 rows=3 width=4)"
select i, 'it''s' || i, i from generate_series(1, 20) i;
create index "on a, (b) using ""c""" on "Odd Schema"."a -> b (cost=1.00..2.00 rows=3 width=4)" ("x "" y");
create table "a.b" ("c.d" int, "->  Seq Scan on t" int);
create index "i.j" on "a.b" ("c.d");
create table "it's" ("q'q" int);
create table "Filter: (x" ("Sort Key: y" int);

create table audited (n int primary key, v int);
insert into audited select i, i from generate_series(1, 10) i;
create table audit_of (n int references audited (n) on delete cascade);
create index on audit_of (n);
insert into audit_of select i from generate_series(1, 10) i;
create function noop() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
create trigger "odd: trigger on t" before update on audited for each row execute function noop();
create trigger plain_trigger after insert or update on audited for each row execute function noop();
create trigger after_statement after insert on audited
  referencing new table as new_rows for each statement execute function noop();

create view updatable as select id, a, b from t where a > 3 with check option;
create table ruled (n int);
create table ruled_log (n int);
create rule ruled_insert as on insert to ruled do also insert into ruled_log values (new.n);
create function sets() returns setof int language sql as 'select generate_series(1, 3)';
create function slow_sets(n int) returns table (x int, y text) language plpgsql
as $$ begin return query select i, 'y' || i from generate_series(1, n) i; end $$;

create materialized view mv as select a, count(*) from t group by a;

create table points (p point, r int4range);
insert into points select point(i, i), int4range(i, i + 10) from generate_series(1, 500) i;
create index on points using gist (p);
create index on points using gist (r);

analyze;

-- Another server that is this one.
create server self foreign data wrapper postgres_fdw options (host '127.0.0.1', port :'port', dbname :'database', async_capable 'true');
create user mapping for current_user server self options (user :'user', password :'password');
create foreign table ft (id int, a int, b text) server self options (table_name 't');
create foreign table "f ""2" (id int, t_id int, x int) server self options (table_name 'u');
create table async_p (id int, a int, b text) partition by list (a);
create foreign table async_1 partition of async_p for values in (0, 1, 2, 3, 4) server self options (table_name 'async_real_1');
create foreign table async_2 partition of async_p for values in (5, 6, 7, 8, 9) server self options (table_name 'async_real_2');
create table async_real_1 as select id, a, b from t where a < 5;
create table async_real_2 as select id, a, b from t where a >= 5;
