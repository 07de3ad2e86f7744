-- Planted defects, and things beside them that only look like defects. The names say which is which.

create schema bad;
create schema fine;

-- Sequences: near their end; an integer column that a bigint sequence is about to overflow; a cyclic one that may wrap.
create table bad.full_serial (id serial primary key, v text);
select setval('bad.full_serial_id_seq', 2060000000);
create sequence bad.feeding;
create table bad.overflowing (id int primary key default nextval('bad.feeding'), v text);
alter sequence bad.feeding owned by bad.overflowing.id;
select setval('bad.feeding', 2090000000);
create sequence fine.cyclic maxvalue 1000 cycle;
select setval('fine.cyclic', 990);
create table fine.plenty (id bigserial primary key, v text);
select setval('fine.plenty_id_seq', 3000000000);

-- Bloat: three quarters of the rows gone; wide rows, many nulls, TOAST, and a deduplicated index are none.
create table bad.bloated (id int primary key, v text not null) with (autovacuum_enabled = off);
insert into bad.bloated select n, repeat(md5(n::text), 4) from generate_series(1, 200000) n;
create index bloated_v on bad.bloated (v);
delete from bad.bloated where id % 4 <> 0;
create table fine.wide (id int primary key, a text, b text) with (fillfactor = 90);
insert into fine.wide select n, repeat('x', 900), case when n % 10 = 0 then md5(n::text) end from generate_series(1, 40000) n;
create table fine.sparse (id int primary key, a int, b int, c int, d int, e text);
insert into fine.sparse (id, e) select n, case when n % 50 = 0 then md5(n::text) end from generate_series(1, 200000) n;
create table fine.repeated (id int primary key, kind text not null);
insert into fine.repeated select n, 'kind ' || n % 20 from generate_series(1, 300000) n;
create index repeated_kind on fine.repeated (kind);
create table fine.documents (id int primary key, body text);
insert into fine.documents select n, (select string_agg(md5((n * m)::text), '') from generate_series(1, 120) m) from generate_series(1, 3000) n;
create table fine.tiny (id int primary key, v int);
insert into fine.tiny select n, n from generate_series(1, 50) n;
delete from fine.tiny where id % 2 = 0;

-- Triggers, persistence, constraints.
create function bad.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table bad.switched_off (id int primary key);
create trigger touch before update on bad.switched_off for each row execute function bad.touch();
alter table bad.switched_off disable trigger touch;
create table fine.switched_on (id int primary key);
create trigger touch before update on fine.switched_on for each row execute function bad.touch();
create unlogged table bad.unlogged (id int primary key);

-- Indexes: duplicates, a foreign key that nothing serves; different order, predicate and collation are no duplicates.
create table bad.orders (id int primary key, customer_id int, placed date, state text);
insert into bad.orders select n, n % 1000, date '2025-01-01' + n % 300, 'new' from generate_series(1, 50000) n;
create index orders_placed on bad.orders (placed);
create index orders_placed_again on bad.orders (placed);
create table bad.lines (id int primary key, order_id int references bad.orders);
insert into bad.lines select n, 1 + n % 50000 from generate_series(1, 100000) n;
create table fine.orders (id int primary key, a int, b int, state text);
insert into fine.orders select n, n, n, 'new' from generate_series(1, 20000) n;
create index orders_a_b on fine.orders (a, b);
create index orders_a_b_desc on fine.orders (a, b desc);
create index orders_state on fine.orders (state) where a > 5;
create index orders_state_c on fine.orders (state collate "C");
create table fine.lines (id int primary key, order_id int references fine.orders);
insert into fine.lines select n, 1 + n % 20000 from generate_series(1, 20000) n;
create index lines_order on fine.lines (order_id);

-- A failed build.
create table bad.twice (v int);
insert into bad.twice values (1), (1);
