-- What one fix would take from another, beside health-indexes.sql, whose defects are there as well.
create schema shop;

-- Twins, and a beginning, of which one is used.
create table shop.t (id bigint generated always as identity primary key, a int not null, b int not null, pad text not null);
insert into shop.t (a, b, pad) select n, n % 100, md5(n::text) from generate_series(1, 20000) n;
create table shop.u (like shop.t including all);
insert into shop.u (a, b, pad) select a, b, pad from shop.t;
create index dup_old on shop.t (a);
create index dup_new on shop.t (a);
create index short_a on shop.u (a);
create index long_ab on shop.u (a, b);

-- Mostly null and unused; mostly null and clustered; mostly null with all that goes beside a definition.
create table shop.seen (id int primary key);
insert into shop.seen select n * 20 from generate_series(1, 1000) n;
create table shop.q (id int primary key, ext int, mark int, noted int references shop.seen);
insert into shop.q select n, case when n % 20 = 0 then n end, case when n % 20 = 0 then n end, case when n % 20 = 0 then n end from generate_series(1, 20000) n;
create index q_ext on shop.q (ext);
create index q_mark on shop.q (mark);
alter table shop.q cluster on q_mark;
create index q_noted on shop.q (noted) tablespace aside;
comment on index shop.q_noted is 'it''s \ noted; -- kept
on two lines';

-- A predicate that is always true beside a longer whole index, alone, with a comment and statistics, and over a composite type.
create type shop.pair as (x int, y int);
create domain shop.pair_domain as shop.pair;
create table shop.uploads (id int primary key, uploader_id int not null, created_at timestamptz not null, p shop.pair not null, d shop.pair_domain not null);
insert into shop.uploads select n, n % 50, now(), row(null, n)::shop.pair, row(null, n)::shop.pair from generate_series(1, 5000) n;
create index uploads_uploader_partial on shop.uploads (uploader_id) where uploader_id is not null;
create index uploads_uploader_created on shop.uploads (uploader_id, created_at);
create index uploads_created on shop.uploads ((created_at is null), id) where created_at is not null;
comment on index shop.uploads_created is 'kept';
alter index shop.uploads_created alter column 1 set statistics 77;
create index uploads_composite on shop.uploads (id, created_at) where p is not null;
create index uploads_domain on shop.uploads (created_at, id) where d is not null;

-- The used copy on a partition, beneath an index that nothing uses.
create table shop.parted (id int, v int) partition by range (id);
create table shop.parted_1 partition of shop.parted for values from (0) to (20001);
insert into shop.parted select n, n from generate_series(1, 20000) n;
create index parted_v on shop.parted (v);
create index parted_1_again on shop.parted_1 (v);

-- To be attached, and unused so far.
create table shop.half (id int, v int) partition by range (id);
create table shop.half_1 partition of shop.half for values from (0) to (20001);
create table shop.half_2 partition of shop.half for values from (20001) to (20002);
insert into shop.half select n, n from generate_series(1, 20000) n;
create index half_v on only shop.half (v);
create index half_1_v on shop.half_1 (v);

-- Keys of several columns, as a schema for many tenants has them.
create table shop.authors (tenant_id int, id int, primary key (tenant_id, id));
insert into shop.authors select n % 3, n from generate_series(1, 3000) n;
create table shop.posts (tenant_id int, id int, author_id int, primary key (tenant_id, id), foreign key (tenant_id, author_id) references shop.authors);
insert into shop.posts select n % 3, n, 1 + (n - 1) % 3000 from generate_series(1, 9000) n where (1 + (n - 1) % 3000) % 3 = n % 3;
create index posts_author on shop.posts (author_id);
create table shop.drafts (tenant_id int, id int, author_id int, primary key (tenant_id, id), foreign key (tenant_id, author_id) references shop.authors);
insert into shop.drafts select tenant_id, id, author_id from shop.posts;
create table shop.authors_by_id (id int primary key);
create table shop.both_keys (author_id int references shop.authors_by_id, part int, foreign key (author_id, part) references shop.authors);

-- Columns that note who changed a row.
create table shop.users (id int primary key);
create table shop.notes (id int primary key, created_by int references shop.users, lastupdatedby int references shop.users);
create table shop.tags (id int primary key, lastupdatedby int references shop.users, owner_id int references shop.users);

-- A leftover of REINDEX CONCURRENTLY on the columns of a key (made invalid by the test).
create table shop.leftover (id int primary key, user_id int references shop.users);
create index leftover_user_id_ccnew on shop.leftover (user_id);
