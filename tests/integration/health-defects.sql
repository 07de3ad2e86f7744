-- One of each defect, beside something that looks like it and is none.
create schema app;

-- IDX03, T5, T6: an exact copy; the same column in other orders, collations and operator classes is no copy.
create table app.orders (
  id bigint generated always as identity primary key,
  customer text not null,
  placed timestamptz not null,
  total numeric not null,
  note text
);
create index o on app.orders (placed);
create index orders_placed_copy on app.orders (placed);
create index orders_placed_desc on app.orders (placed desc nulls last);
create index orders_placed_partial on app.orders (placed) where total > 100;
create index orders_customer on app.orders (customer);
create index orders_customer_c on app.orders (customer collate "C");
create index orders_customer_pattern on app.orders (customer text_pattern_ops);
create index orders_expression on app.orders (coalesce(note, customer), total);
create index orders_expression_copy on app.orders (coalesce(note, customer), total);

-- IDX04, T4: (c1) is covered by (c1, c2), and not by an index that begins with column 10.
create table app.wide (
  c1 int primary key, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int
);
create index wide_c2 on app.wide (c2);
create index wide_c2_c3 on app.wide (c2, c3);
create index wide_c10_c1 on app.wide (c10, c2);
create unique index wide_c4 on app.wide (c4);
create index wide_c4_c5 on app.wide (c4, c5);

-- IDX15.
create index wide_c4_plain on app.wide (c4);

-- IDX07, T7: what covers a foreign key and what does not.
create table app.parent (a int, b int, primary key (a, b));
create table app.single (id int primary key);
create table app.child_bare (id int primary key, a int, b int, foreign key (a, b) references app.parent);
create table app.child_other_order (id int primary key, a int, b int, foreign key (a, b) references app.parent);
create index on app.child_other_order (b, a);
create table app.child_gap (id int primary key, a int, c int, b int, foreign key (a, b) references app.parent);
create index on app.child_gap (a, c, b);
create table app.child_partial (id int primary key, single_id int references app.single);
create index on app.child_partial (single_id) where id > 0;
create table app.child_not_null (id int primary key, single_id int references app.single);
create index on app.child_not_null (single_id) where single_id is not null;
create table app.child_brin (id int primary key, single_id int references app.single);
create index on app.child_brin using brin (single_id);
create table app.child_hash (id int primary key, single_id int references app.single);
create index on app.child_hash using hash (single_id);
create table app.child_parted (id int, single_id int references app.single, primary key (id)) partition by range (id);
create table app.child_parted_1 partition of app.child_parted for values from (0) to (100);
create table app.child_parted_2 partition of app.child_parted for values from (100) to (200);
create index on app.child_parted_1 (single_id);
create index on app.child_parted_2 (single_id);
create table app.child_half (id int, single_id int references app.single, primary key (id)) partition by range (id);
create table app.child_half_1 partition of app.child_half for values from (0) to (100);
create table app.child_half_2 partition of app.child_half for values from (100) to (200);
create index on app.child_half_1 (single_id);

-- IDX06: an index on the parent only.
create index half_incomplete on only app.child_half (single_id);

-- IDX01, T2: unused and large; unique ones and those that support a foreign key have work without scans.
create table app.big (id int primary key, code int unique, single_id int references app.single, free_text text);
insert into app.big select n, n, null, md5(n::text) from generate_series(1, 40000) as n;
create index big_unused on app.big (free_text);
create index big_foreign_key on app.big (single_id, free_text);

-- IDX05: left behind by a build that failed (the test makes it).
create table app.twice (v int);
insert into app.twice values (1), (1);

-- TAB03, TAB04, TAB06, TAB07.
create table app.dead (id int primary key, v text) with (autovacuum_enabled = false);
insert into app.dead select n, 'x' from generate_series(1, 20000) as n;
analyze app.dead;
delete from app.dead where id > 8000;
create table app.never_analyzed (id int primary key) with (autovacuum_enabled = false);
insert into app.never_analyzed select generate_series(1, 5000);
create table app.stale (id int primary key, v int) with (autovacuum_enabled = false);
insert into app.stale select n, 0 from generate_series(1, 5000) as n;
analyze app.stale;
update app.stale set v = 1;

-- TAB09, T16: a table without any index has a null idx_scan.
create table app.scanned (v int);
insert into app.scanned select generate_series(1, 20000);

-- TAB16, TAB18.
create unlogged table app.scratch (id int primary key);
create function app.nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger silent before insert on app.parent for each row execute function app.nothing();
alter table app.parent disable trigger silent;

-- SEQ01, SEQ02, T17: a bigint sequence that feeds int columns, as default, identity and shared; one that is fine.
create sequence app.feeding as bigint;
create table app.fed (id int primary key default nextval('app.feeding'));
create table app.fed_too (id int primary key default nextval('app.feeding'));
select setval('app.feeding', 2104533975);
create table app.identity_bigint (id bigint generated always as identity primary key);
create table app.identity_int (id int generated by default as identity (sequence name app.identity_int_seq) primary key);
alter sequence app.identity_int_seq as bigint;
select setval('app.identity_int_seq', 2000000000);
create table app.full_serial (id serial primary key);
select setval('app.full_serial_id_seq', 2100000000);
create sequence app.tiny as smallint cycle;
select setval('app.tiny', 32000);

-- SEQ04, SEQ05.
create table app.narrow (id int primary key, order_id int references app.orders);
create index on app.narrow (order_id);
create table app.behind (id serial primary key);
insert into app.behind select generate_series(1, 500);
analyze app.behind;

-- SCH.
create table app.keyless (v int, w int);
create table app.keyless_candidate (code int not null);
create unique index keyless_candidate_code on app.keyless_candidate (code);
create table app.parted_keys (id int) partition by range (id);
create table app.parted_keys_1 partition of app.parted_keys (primary key (id)) for values from (0) to (10);
create table app.moments (id int primary key, local_time timestamp, fixed timestamptz, price money, payload json, code char(3), proc regproc);
create table app."Odd ""Name" (id int primary key, "user" int, "Mixed" int);
create table app.null_word (id int primary key, v text default 'NULL', w text default null);
create table app.empty_row ();
create table app.phones (id int primary key, phone1 text, phone2 text, phone3 text, line1 text, line2 text);
create table app.twin_keys (id int primary key, single_id int);
create index on app.twin_keys (single_id);
alter table app.twin_keys add constraint twin_one foreign key (single_id) references app.single;
alter table app.twin_keys add constraint twin_two foreign key (single_id) references app.single on delete cascade;
create table app.text_target (code varchar(10) primary key);
create table app.text_source (id int primary key, code varchar(20) references app.text_target);
create index on app.text_source (code);
alter table app.phones add constraint phone_given check (phone1 is not null) not valid;

-- SEC.
create table app.guarded (id int primary key);
create policy everybody on app.guarded for update using (true);
create table app.locked (id int primary key);
alter table app.locked enable row level security;
create view app.locked_view as select id from app.locked;
create view app.locked_invoker as select id from app.locked;
create function app.definer(x int) returns int language sql security definer as 'select x';
create function app.definer_safe(x int) returns int language sql security definer set search_path = '' as 'select x';
revoke execute on function app.definer_safe(int) from public;
grant insert on app.single to public;
create extension pg_trgm with schema public;
