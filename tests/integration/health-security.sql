-- One of each hole, beside what looks like it and is none. Run on PostgreSQL 13 to 18 as superuser, in a new cluster.
create schema app;
create schema hidden;
grant usage on schema app to public;

-- SEC01: a second superuser, one that can become it, and one that is only its child's sibling.
create role "Boss ""2""" superuser login;
create role super_group superuser nologin;
create role climber login;
grant super_group to climber;
create role middle nologin;
create role far_climber login;
grant super_group to middle;
grant middle to far_climber;
create role nobody_special login;

-- SEC03: everybody may create in one schema.
create schema open_schema;
grant create on schema open_schema to public;

-- SEC04, SEC06, SEC07: passwords.
set password_encryption = 'md5';
create role old_hash login password 'quite-long-and-random';
create role same_md5 login password 'same_md5';
set password_encryption = 'scram-sha-256';
create role "same Scram" login password 'same Scram';
create role other_scram login password 'quite-long-and-random';
create role expired login password 'x-quite-long' valid until '2020-01-01';
create role expires_soon login password 'x-quite-long';
create role expires_late login password 'x-quite-long' valid until '2099-01-01';
create role endless login password 'x-quite-long' valid until 'infinity';
create role no_password login valid until '2020-01-01';

-- SEC13, SEC14, T19: aggregates, C, bodies in standard SQL and fixed paths are none; nor is a function without DEFINER.
create function app.plain_definer(x int) returns int language sql security definer as 'select x';
create function app.fixed_path(x int) returns int language sql security definer set search_path = app as 'select x';
create function app.empty_path(x int) returns int language sql security definer set search_path = '' as 'select x';
create function app.invoker(x int) returns int language sql as 'select x';
create aggregate app.summed(int) (sfunc = int4pl, stype = int);
create procedure app."do ""it"""(x "char") language plpgsql security definer as 'begin end';
create function app.private_definer() returns int language sql security definer as 'select 1';
revoke execute on function app.private_definer(), app.fixed_path(int), app.empty_path(int) from public;
create role app_owner nologin;
create function app.owned_definer() returns int language sql security definer as 'select 1';
alter function app.owned_definer() owner to app_owner;
create function app.audit() returns trigger language plpgsql security definer as 'begin return new; end';
create function hidden.definer() returns int language sql security definer set search_path = '' as 'select 1';

-- SEC15 to SEC21: row level security.
create role reader login;
create role tenant_admin nologin;
create role login_owner login;
create role bypasser login bypassrls;
create table app.guarded (id int primary key, tenant text);
alter table app.guarded enable row level security;
create policy by_tenant on app.guarded using (tenant = current_setting('app.tenant', true));
create policy by_admin on app.guarded for select to tenant_admin using (true);
create view app.bypass as select id from app.guarded;
grant select on app.bypass to reader;
create view app.bypass_private as select id from app.guarded;
create materialized view app.bypass_stored as select id from app.guarded;
grant select on app.bypass_stored to reader;
create view app.subject as select id from app.guarded;
alter view app.subject owner to app_owner;
create view app.over_view as select id from app.bypass;
create table app.not_in_force (id int primary key);
create policy unused on app.not_in_force using (id > 0);
create table app.closed (id int primary key);
alter table app.closed enable row level security;
create table app.wide_open (id int primary key);
alter table app.wide_open enable row level security;
create policy anybody on app.wide_open for insert with check (true);
create policy admins on app.wide_open to tenant_admin using (true);
create table app.readable (id int primary key);
alter table app.readable enable row level security;
create policy read_all on app.readable for select using (true);
create function app.tenant_id() returns int language sql stable as 'select 1';
create function app.forever() returns int language sql immutable as 'select 1';
create table app."per ""row""" (id int primary key, note text);
alter table app."per ""row""" enable row level security;
create policy "p ""1""" on app."per ""row""" for update
  using (id = app.tenant_id() and note <> 'it''s (current_setting(''x''))')
  with check (note = current_setting('app.note') or id = app.forever());
create table app.fixed_row (id int primary key, note text);
alter table app.fixed_row enable row level security;
create policy fixed on app.fixed_row
  using (id = (select app.tenant_id()) and note = (select current_setting('app.note'))
    and exists (select from app.guarded where guarded.tenant = current_setting('app.tenant')));
create table app.by_column (id int primary key);
alter table app.by_column enable row level security;
create policy per_column on app.by_column using (id::text = current_setting('app.' || id));
create table app.several (id int primary key);
alter table app.several enable row level security;
create policy one on app.several for select using (id > 1);
create policy two on app.several using (id > 2);
create policy narrowing on app.several as restrictive using (id > 3);
create table app.by_role (id int primary key);
alter table app.by_role enable row level security;
create policy for_reader on app.by_role to reader using (id > 1);
create policy for_admin on app.by_role to tenant_admin using (id > 2);
create table app.owned_by_login (id int primary key);
alter table app.owned_by_login enable row level security;
create policy own on app.owned_by_login using (id > 0);
alter table app.owned_by_login owner to login_owner;
create table app.forced (id int primary key);
alter table app.forced enable row level security;
alter table app.forced force row level security;
create policy own on app.forced using (id > 0);
alter table app.forced owner to login_owner;
create table app.parted (id int, tenant text) partition by list (id);
alter table app.parted enable row level security;
create policy by_id on app.parted using (id > 0);
create table app.parted_1 partition of app.parted for values in (1);
create table app.parted_2 partition of app.parted for values in (2);
alter table app.parted_2 enable row level security;
grant select on app.parted_1, app.parted_2 to reader;

-- SEC22, SEC23.
create table app.public_table (id int primary key);
grant select, insert on app.public_table to public;
create sequence app."Public Seq";
grant usage on sequence app."Public Seq" to public;
create table hidden.out_of_reach (id int primary key);
grant select on hidden.out_of_reach to public;
alter default privileges for role app_owner in schema app grant select on tables to public;
alter default privileges for role app_owner grant execute on functions to reader;

-- SEC24: an untrusted language, and a C function of a role that is no superuser.
create function app.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create language unsafe handler app.handler;
create function app.in_c() returns trigger language c as '$libdir/tcn', 'triggered_change_notification';

-- SEC25, SEC26, SEC27.
create role file_reader login;
grant pg_read_server_files to file_reader;
create role file_group nologin;
grant pg_execute_server_program to file_group;
create role program_runner login;
grant file_group to program_runner;
create role maker login createrole createdb;
create role copier login replication;

-- SEC29, SEC30: in public, and not preloaded. A new extension is never outdated.
create extension pg_trgm with schema public;
create schema extensions;
create extension pg_stat_statements with schema extensions;

-- SEC33: secrets that everybody, or a login that only reads, may read; an application that writes needs them.
create role reports login;
create role application login;
grant usage on schema app to reports, application;
create table app.accounts (id int primary key, "passwordHash" text, password_changed_at timestamptz);
grant select on app.accounts to reports;
grant select, insert, update on app.accounts to application;
create table app.cards (id int primary key, card_number text, cvv text);
grant select (id, cvv) on app.cards to public;
create table app.tokens (id int primary key, api_key text);
grant select, insert on app.tokens to application;
create table hidden.secrets (id int primary key, ssn text);
grant select on hidden.secrets to public;
create table app.guarded_secrets (id int primary key, password text);
alter table app.guarded_secrets enable row level security;
grant select on app.guarded_secrets to public;

-- SEC34.
create extension postgres_fdw with schema extensions;
create server "far ""1""" foreign data wrapper postgres_fdw options (host 'far.example');
create user mapping for public server "far ""1""" options (user 'x');
create user mapping for reader server "far ""1""" options (user 'x', password 'secret');
create user mapping for reports server "far ""1""" options (user 'x', password_required 'false');
create server near foreign data wrapper postgres_fdw;
create user mapping for application server near options (user 'x');

-- SEC35: everything in owned belongs to a role of its own.
create schema owned authorization app_owner;
create table owned.fine (id int primary key);
alter table owned.fine owner to app_owner;

-- SEC37.
create function app.on_ddl() returns event_trigger language plpgsql as 'begin end';
create function app.on_ddl_safe() returns event_trigger language plpgsql as 'begin end';
create event trigger watched on ddl_command_end when tag in ('CREATE TRANSFORM') execute function app.on_ddl();
create event trigger safe on ddl_command_end when tag in ('CREATE TRANSFORM') execute function app.on_ddl_safe();
alter function app.on_ddl() owner to app_owner;
