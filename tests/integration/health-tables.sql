-- Defects of tables, each beside something that only looks like it. Autovacuum is on and comes once in a day, so what is
-- written here is fresh, except where a table is left out of it. "Od""d" holds names that need quotes.
create schema app;
create schema "Od""d";

-- TAB03, TAB04, TAB06, TAB07: autovacuum does not come to these.
create table app.dead (id int primary key, v text) with (autovacuum_enabled = false);
insert into app.dead select n, 'x' from generate_series(1, 20000) n;
create table app.never_analyzed (id int primary key) with (autovacuum_enabled = off);
insert into app.never_analyzed select generate_series(1, 5000);
create table "Od""d"."Nie analysiert" (id int primary key) with (autovacuum_enabled = false);
insert into "Od""d"."Nie analysiert" select generate_series(1, 5000);
create table app.stale (id int primary key, v int) with (autovacuum_enabled = false);
insert into app.stale select n, 0 from generate_series(1, 5000) n;
create table app.off_and_small (id int) with (autovacuum_enabled = false);
insert into app.off_and_small select generate_series(1, 20);
create table app.toast_off (id int primary key, v text) with (toast.autovacuum_enabled = false);
create table app.said_on (id int) with (autovacuum_enabled = true, toast.autovacuum_vacuum_scale_factor = 0.1);
create table app.dead_parted (id int, v int) partition by range (id);
create table app.dead_parted_1 partition of app.dead_parted for values from (0) to (10001) with (autovacuum_enabled = false);
create table app.dead_parted_2 partition of app.dead_parted for values from (10001) to (20001) with (autovacuum_enabled = false);
insert into app.dead_parted select n, n from generate_series(1, 20000) n;

-- To these it does, soon: loaded, deleted from and updated seconds ago.
create table app.loaded (id int primary key, v text);
insert into app.loaded select n, 'x' from generate_series(1, 20000) n;
create table app.deleted_now (id int primary key, v text);
insert into app.deleted_now select n, 'x' from generate_series(1, 20000) n;
create table app.updated_now (id int primary key, v int);
insert into app.updated_now select n, 0 from generate_series(1, 20000) n;

-- TAB06: a partitioned table is never analyzed as a whole.
create table app.parted (id int, v int) partition by range (id);
create table app.parted_1 partition of app.parted for values from (0) to (5001);
create table app.parted_2 partition of app.parted for values from (5001) to (10001);
insert into app.parted select n, n from generate_series(1, 10000) n;

-- TAB01, TAB02.
create table app.bloated (id int primary key, v text);
insert into app.bloated select n, md5(n::text) from generate_series(1, 30000) n;
create table app.dense (id int primary key, v text);
insert into app.dense select n, md5(n::text) from generate_series(1, 30000) n;
create table app.roomy (id int primary key, v text) with (fillfactor = 50);
insert into app.roomy select n, md5(n::text) from generate_series(1, 30000) n;

-- TAB08, TAB11.
create table app.large (id int primary key, v int);
insert into app.large select n, n from generate_series(1, 50000) n;
create table app.large_tuned (id int primary key, v int) with (autovacuum_vacuum_scale_factor = 0.01);
insert into app.large_tuned select n, n from generate_series(1, 50000) n;

-- TAB09, T16: a table without any index has a null idx_scan.
create table app.scanned (v int);
insert into app.scanned select generate_series(1, 20000);
create table app.scanned_and_searched (v int primary key);
insert into app.scanned_and_searched select generate_series(1, 20000);
create table app.scanned_small (v int);
insert into app.scanned_small select generate_series(1, 500);

-- TAB13.
create table app.nothing (id int primary key);
create table app.emptied (id int);
insert into app.emptied values (1);
delete from app.emptied;
create table app.future (id int) partition by range (id);
create table app.future_1 partition of app.future for values from (0) to (10);
create table app.future_2 partition of app.future for values from (10) to (20);
insert into app.future values (1);
create table app.parent_only (id int);
create table app.inherits (v int) inherits (app.parent_only);
insert into app.inherits values (1, 1);

-- TAB14.
create table app.moving (id int primary key, n int);
insert into app.moving select n, 0 from generate_series(1, 5000) n;
create index moving_n on app.moving (n);
create table app.hot (id int primary key, n int) with (fillfactor = 30);
insert into app.hot select n, 0 from generate_series(1, 5000) n;

-- TAB15.
create table app.toasted (id int primary key, body text) with (autovacuum_enabled = false);
alter table app.toasted alter body set storage external;
insert into app.toasted select n, repeat('x', 20000) from generate_series(1, 200) n;
create table app.toast_dying (id int primary key, body text) with (autovacuum_enabled = false);
alter table app.toast_dying alter body set storage external;
insert into app.toast_dying select n, repeat('x', 20000) from generate_series(1, 200) n;

-- TAB16.
create unlogged table app.scratch (id serial primary key);
create unlogged table "Od""d"."Scra""tch" (id int);

-- TAB17, TAB18, TAB19.
do $$ begin
  execute 'create table app.wide (' || (select string_agg('c' || n || ' int', ', ') from generate_series(1, 60) n) || ')';
  execute 'create table app.fifty (' || (select string_agg('c' || n || ' int', ', ') from generate_series(1, 52) n) || ')';
end $$;
alter table app.fifty drop column c51, drop column c52;
create function app.nothing() returns trigger language plpgsql as 'begin return new; end';
create table app.guarded (id int primary key);
create trigger silent before insert on app.guarded for each row execute function app.nothing();
create trigger loud after insert on app.guarded for each row execute function app.nothing();
alter table app.guarded disable trigger silent;
insert into app.guarded select generate_series(1, 5);
create table app.child (id int primary key references app.guarded);
alter table app.child disable trigger all;
create table app.trig_parted (id int) partition by range (id);
create table app.trig_parted_1 partition of app.trig_parted for values from (0) to (10);
create table app.trig_parted_2 partition of app.trig_parted for values from (10) to (20);
create trigger each after insert on app.trig_parted for each row execute function app.nothing();
alter table app.trig_parted_2 disable trigger each;
create table app.replica_only (id int primary key);
create trigger of_replica before insert on app.replica_only for each row execute function app.nothing();
alter table app.replica_only enable replica trigger of_replica;

-- TAB22.
create table app.not_visible (id int primary key, v text) with (autovacuum_enabled = false);
insert into app.not_visible select n, md5(n::text) from generate_series(1, 20000) n;

-- TAB23.
create table app.correlated (a int, b int);
insert into app.correlated select n, n from generate_series(1, 2000) n;
create statistics app.gathered on a, b from app.correlated;
create table app.correlated_not (a int, b int);
insert into app.correlated_not select n, n from generate_series(1, 2000) n;

create extension pgstattuple;
