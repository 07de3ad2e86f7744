-- Defects of indexes, each beside something that only looks like it. "Od""d" holds names that need quotes.
create schema app;
create schema "Od""d";

-- IDX01, IDX02, T2: what works without scans, and what does not.
create table app.parent (id int primary key);
create table app.big (
  id int primary key, code int unique, parent_id int references app.parent, v text, w text, x text, y int not null, z text
);
insert into app.big select n, n, null, md5(n::text), md5((n + 1)::text), md5((n + 2)::text), n, md5((n + 3)::text) from generate_series(1, 20000) n;
create index big_unused on app.big (v);
create index big_used on app.big (w);
create index big_supports_key on app.big (parent_id, v);
create unique index big_unique on app.big (y);
create index big_clustered on app.big (x);
alter table app.big cluster on big_clustered;
create index big_on_standby on app.big (z);
create index big_tiny on app.big (id) where id < 10;
create table app.identity (id int not null, v text);
insert into app.identity select n, md5(n::text) from generate_series(1, 20000) n;
create unique index identity_id on app.identity (id);
alter table app.identity replica identity using index identity_id;
create table app.parted (id int, v text, w text) partition by range (id);
create table app.parted_1 partition of app.parted for values from (0) to (10000);
create table app.parted_2 partition of app.parted for values from (10000) to (20001);
insert into app.parted select n, md5(n::text), md5(n::text || 'w') from generate_series(1, 20000) n;
create index parted_unused on app.parted (v);
create index parted_half_used on app.parted (w);
create table "Od""d"."Täble" (id int primary key, "Größe" text);
insert into "Od""d"."Täble" select n, md5(n::text) from generate_series(1, 20000) n;
create index "Ün""used index" on "Od""d"."Täble" ("Größe");

-- IDX03, IDX04, IDX15, T4, T5, T6.
create table app.orders (id int primary key, placed date, total numeric, note text, customer text);
create index o on app.orders (placed);
create index orders_placed_copy on app.orders (placed);
create index orders_placed_third on app.orders (placed);
create index orders_placed_desc on app.orders (placed desc);
create index orders_placed_nulls on app.orders (placed nulls first);
create index orders_placed_partial on app.orders (placed) where total > 100;
create index orders_placed_partial_other on app.orders (placed) where total > 1000;
create index orders_placed_hash on app.orders using hash (placed);
create index orders_customer on app.orders (customer);
create index orders_customer_c on app.orders (customer collate "de-x-icu");
create index orders_customer_pattern on app.orders (customer text_pattern_ops);
create index orders_expression on app.orders (coalesce(note, customer), total);
create index orders_expression_copy on app.orders (coalesce(note, customer), total);
create index orders_expression_other on app.orders (coalesce(customer, note), total);
create table app.wide (c1 int, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int);
create index wide_c1 on app.wide (c1);
create index wide_c10_c2 on app.wide (c10, c2);
create index wide_c2 on app.wide (c2);
create index wide_c2_copy on app.wide (c2);
create index wide_c2_c3 on app.wide (c2, c3);
create index wide_c2_c3_c4 on app.wide (c2, c3, c4);
create index wide_c3_desc on app.wide (c3 desc);
create index wide_c3_c4 on app.wide (c3, c4);
create unique index wide_c4 on app.wide (c4);
create index wide_c4_plain on app.wide (c4);
create index wide_c4_c5 on app.wide (c4, c5);
create index wide_c5_includes_c9 on app.wide (c5) include (c9);
create index wide_c5_c6 on app.wide (c5, c6);
create index wide_c6_includes_c7 on app.wide (c6) include (c7);
create index wide_c6_c7 on app.wide (c6, c7);
create index wide_c7 on app.wide (c7);
alter table app.wide cluster on wide_c7;
create index wide_c7_c8 on app.wide (c7, c8);
create index wide_brin_32 on app.wide using brin (c8) with (pages_per_range = 32);
create index wide_brin_64 on app.wide using brin (c8) with (pages_per_range = 64);
-- Beneath a unique constraint, the beginning may go; the constraint never.
create table app.lines (order_id int, line int, product int, constraint lines_key unique (order_id, line));
create index lines_order on app.lines (order_id);
create table app.twice_unique (id int, constraint twice_unique_one unique (id));
alter table app.twice_unique add constraint twice_unique_two unique (id);
create table app.target (id int not null);
create unique index target_one on app.target (id);
create unique index target_two on app.target (id);
create table app.points_at_target (id int primary key references app.target (id));
create table app.deferred (id int, constraint deferred_one unique (id), constraint deferred_two unique (id) deferrable);
create table app.booked (room int4range, during int4range,
  constraint booked_overlap exclude using gist (room with &&, during with &&),
  constraint booked_same exclude using gist (room with =, during with &&));
create index booked_plain on app.booked using gist (room, during);
create table app.copies (id int, v int) partition by range (id);
create table app.copies_1 partition of app.copies for values from (0) to (10);
create table app.copies_2 partition of app.copies for values from (10) to (20);
create index on app.copies (v);
create index copies_1_again on app.copies_1 (v);
create index copies_2_again on app.copies_2 (v);

-- IDX05: left behind (made by the test). IDX06: on the parent only, in three ways.
create table app.twice (v int);
insert into app.twice values (1), (1);
create table app.half (id int, v int) partition by range (id);
create table app.half_1 partition of app.half for values from (0) to (10);
create table app.half_2 partition of app.half for values from (10) to (20);
create table app.half_3 partition of app.half for values from (20) to (30) partition by range (id);
create table app.half_31 partition of app.half_3 for values from (20) to (30);
create index half_2_v on app.half_2 (v);
create unique index half_incomplete on only app.half (id, v);
create index half_attachable on only app.half (v);

-- IDX07, T7, T25.
create table app.pair (a int, b int, primary key (a, b));
create table app.word (w text primary key);
create table app.child_bare (id int primary key, a int, b int, foreign key (a, b) references app.pair);
create table app.child_other_order (id int primary key, a int, b int, foreign key (a, b) references app.pair);
create index on app.child_other_order (b, a, id);
create table app.child_gap (id int primary key, a int, c int, b int, foreign key (a, b) references app.pair);
create index on app.child_gap (a, c, b);
create table app.child_partial (id int primary key, parent_id int references app.parent);
create index on app.child_partial (parent_id) where id > 0;
create table app.child_is_null (id int primary key, parent_id int references app.parent);
create index on app.child_is_null (parent_id) where parent_id is null;
create table app.child_not_null (id int primary key, parent_id int references app.parent);
create index on app.child_not_null (parent_id) where parent_id is not null;
create table app.child_brin (id int primary key, parent_id int references app.parent);
create index on app.child_brin using brin (parent_id);
create table app.child_hash (id int primary key, parent_id int references app.parent);
create index on app.child_hash using hash (parent_id);
create table app.child_expression (id int primary key, parent_id int references app.parent);
create index on app.child_expression ((parent_id + 0), parent_id);
create table app.child_other_collation (id int primary key, w text references app.word);
create index on app.child_other_collation (w collate "de-x-icu");
create table app.child_pattern (id int primary key, w text references app.word);
create index on app.child_pattern (w text_pattern_ops);
create table app.child_key_prefix (parent_id int references app.parent, n int, primary key (parent_id, n));
create table app.child_two (id int primary key, one int references app.parent, two int references app.parent, three int);
create index child_two_one_idx on app.child_two (three);
create table app.child_twin (id int primary key, p int references app.parent);
alter table app.child_twin add constraint child_twin_again foreign key (p) references app.parent on delete cascade;
create table app.child_invalid (id int primary key, parent_id int references app.parent);
create table app.child_parted (id int, parent_id int references app.parent, primary key (id)) partition by range (id);
create table app.child_parted_1 (parent_id int, id int not null);
alter table app.child_parted attach partition app.child_parted_1 for values from (0) to (100);
create table app.child_parted_2 partition of app.child_parted for values from (100) to (200);
create index on app.child_parted_1 (parent_id);
create index on app.child_parted_2 (parent_id);
create table app.child_half (id int, parent_id int references app.parent, primary key (id)) partition by range (id);
create table app.child_half_1 partition of app.child_half for values from (0) to (100);
create table app.child_half_2 partition of app.child_half for values from (100) to (200);
create index on app.child_half_1 (parent_id);
create table app.child_leaves (id int, parent_id int) partition by range (id);
create table app.child_leaves_1 partition of app.child_leaves (foreign key (parent_id) references app.parent) for values from (0) to (100);
create table app.child_leaves_2 partition of app.child_leaves (foreign key (parent_id) references app.parent) for values from (100) to (200);
create table "Od""d"."Child öf sömething with a very löng näme that reaches the limit" (id int primary key, "Pärent of this row, spelled out" int references app.parent);

-- IDX08, IDX09.
create table app.shrunk (id int primary key, v text);
insert into app.shrunk select n, md5(n::text) from generate_series(1, 30000) n;
create index shrunk_v on app.shrunk (v);
create table app.full_index (id int primary key);
insert into app.full_index select generate_series(1, 30000);

-- IDX10, IDX11.
create table app.sparse (id int primary key, mostly_null int, never_null int not null, half int, deleted_at timestamptz, done boolean, kind int, parent_id int references app.parent, flag boolean, shade int);
insert into app.sparse select n, case when n % 10 = 0 then n end, n, case when n % 3 > 0 then n end, null, n % 2 = 0, n % 3, null, n % 50 = 0, n % 4 from generate_series(1, 20000) n;
create index sparse_mostly_null on app.sparse (mostly_null);
create index sparse_half on app.sparse (half);
create index sparse_never_null on app.sparse (never_null);
create index sparse_partial on app.sparse (deleted_at) where deleted_at is not null;
create index sparse_done on app.sparse (done);
create index sparse_done_partial on app.sparse (done) where done;
create index sparse_done_id on app.sparse (done, id);
create index sparse_kind on app.sparse (kind);
create index sparse_flag on app.sparse (flag);
create index sparse_parent on app.sparse (parent_id);
create index sparse_shade on app.sparse (shade);

-- IDX12, IDX13, IDX14.
create table app.documents (
  id int primary key, tags text[], doc jsonb, search tsvector, numbers int[] unique, at timestamptz not null, kind int not null, "Odd col" int not null, maybe int
);
create index documents_tags on app.documents (tags);
create index documents_doc on app.documents (doc);
create index documents_search on app.documents (search);
create index documents_tags_gin on app.documents using gin (tags);
create index documents_key on app.documents ((doc ->> 'key'));
create index documents_at_kind on app.documents (at, kind);
create index documents_kind_at on app.documents (kind, at);
create index documents_at_id on app.documents (at, id);
create index documents_needless on app.documents (kind) include (id) where "Odd col" is not null;
create index documents_needless_two on app.documents (kind, maybe) where kind is not null and "Odd col" is not null;
create index documents_maybe on app.documents (maybe) where maybe is not null;
create index documents_either on app.documents (kind, id) where kind is not null or maybe is null;
create index documents_and on app.documents (id, kind) where kind is not null and maybe is not null;

-- IDX16, IDX17.
create table app.coarse (id int, grade int);
insert into app.coarse select n, n % 4 from generate_series(1, 20000) n;
create index coarse_grade on app.coarse (grade);
create index coarse_id on app.coarse (id);
create table app.loaded (a int, b int, c int, d int);
insert into app.loaded select n, n, n, n from generate_series(1, 5000) n;
create index on app.loaded (a, b); create index on app.loaded (b, a); create index on app.loaded (c, a); create index on app.loaded (d, a);
create index on app.loaded (a, c); create index on app.loaded (b, c); create index on app.loaded (c, b); create index on app.loaded (d, b);
create index on app.loaded (a, d); create index on app.loaded (b, d);

-- IDX18.
create extension pgstattuple;
create table app.found (words text[]);
create index found_words on app.found using gin (words) with (gin_pending_list_limit = 20480);
insert into app.found select array(select md5((n * 40 + i)::text) from generate_series(1, 40) i) from generate_series(1, 4000) n;
create table app.found_at_once (words text[]);
create index found_at_once_words on app.found_at_once using gin (words) with (fastupdate = off);
insert into app.found_at_once select words from app.found limit 2000;

-- IDX19: sorted by a collation whose version changes in the test.
create table app.names (id int primary key, name text collate "de-x-icu", plain text);
create index names_name on app.names (name);
create index names_plain on app.names (plain);
create index names_hash on app.names using hash (name);

-- Its operators on arrays must not get in the way of the catalog's.
create extension intarray;

-- Names are one set per schema, for relations of all kinds and for what two findings propose.
create schema clash;
create table clash.parent (id int primary key);
create table clash.z (y int references clash.parent);
create sequence clash.z_y_idx;
create table clash.o (p_q int references clash.parent);
create table clash.o_p (q int references clash.parent);
create table clash.tags (v int[], w int[]);
create index tags_v on clash.tags (v);
create view clash.tags_v_gin as select 1 as one;
-- The GIN index is there already.
create index tags_w on clash.tags (w);
create index tags_w_gin on clash.tags using gin (w);

-- Partial indexes that say the same in other words.
create table clash.worded (p int references clash.parent, q int references clash.parent, r int references clash.parent);
create index worded_p on clash.worded (p) where not (p is null);
create index worded_q on clash.worded (q) where q is not null;
create index worded_r on clash.worded (r) where not (r is not null);

-- What an index has beside its definition, and what a partitioned one has below it.
create schema kept;
create table kept.t (a int, b int, c text);
create index t_a on kept.t (a);
create index t_a_copy on kept.t (a);
comment on index kept.t_a_copy is 'it''s \ kept';
create index t_lower on kept.t (lower(c), b);
create index t_lower_one on kept.t (lower(c));
alter index kept.t_lower_one alter column 1 set statistics 77;
create table kept.par (id int, v int, w int) partition by range (id);
create table kept.par1 partition of kept.par for values from (0) to (100);
create table kept.par2 partition of kept.par for values from (100) to (200) partition by range (id);
create table kept."Par 3" partition of kept.par2 for values from (100) to (150);
create index par_v_w on kept.par (v, w);
create index par_v on kept.par (v);
alter index kept.par1_v_idx rename to "Mine ""own"" ix";
comment on index kept."Mine ""own"" ix" is 'of par1';
create index par1_extra on kept.par1 (v) with (fillfactor = 60);
