import { Migration } from '@mikro-orm/migrations';

/**
 * The audit with who, where, what and how it ended; ids come from where it happened, so that an entry that arrives
 * twice is kept once. Triggers refuse to change or remove rows, also to the table's owner. Old rows are carried over.
 */
export class Audit002 extends Migration {
  override up(): void {
    this.addSql('alter table steward.audit rename to audit_001');
    this.addSql('alter index steward.audit_pkey rename to audit_001_pkey');
    this.addSql('drop index steward.audit_at_idx');
    this.addSql(`
      create table steward.audit (
        id uuid primary key,
        at timestamptz not null,
        duration_ms double precision,
        actor text not null,
        role text,
        machine text,
        host text,
        version text,
        connection_id text,
        connection_name text,
        server text,
        database text,
        environment text,
        action text not null,
        subject text,
        sql text,
        sql_omitted bigint not null default 0,
        outcome text not null,
        error text,
        rows bigint,
        job_id text,
        recorded_by text,
        recorded_at timestamptz
      )`);
    // 001 wrote a migration's name into the action, and a failure's message into the outcome.
    this.addSql(String.raw`
      insert into steward.audit (id, at, duration_ms, actor, connection_id, connection_name, database, action, subject, sql, outcome, error)
      select gen_random_uuid(), at, duration_ms, actor, connection_id, connection_name, database,
             case when action like 'migration up %' then 'migration-up'
                  when action like 'migration down %' then 'migration-down'
                  when action in ('query', 'restore') then action
                  else 'other' end,
             case when action like 'migration up %' or action like 'migration down %'
                  then regexp_replace(action, '^migration (up|down) ', '')
                  when action not in ('query', 'restore') then action end,
             sql,
             case when outcome in ('done', 'cancelled') then outcome else 'failed' end,
             case when outcome not in ('done', 'cancelled', 'failed') then outcome end
        from steward.audit_001
       order by id`);
    this.addSql('drop table steward.audit_001');
    this.addSql('create index audit_at_idx on steward.audit (at desc, id desc)');
    this.addSql('create index audit_connection_at_idx on steward.audit (connection_id, at desc)');
    // For a search inside of texts. Where the extension cannot be had, a search reads the rows.
    this.addSql(`
      do $$ begin
        create extension if not exists pg_trgm with schema steward;
        execute (select format('create index audit_search_idx on steward.audit using gin (sql %1$I.gin_trgm_ops, error %1$I.gin_trgm_ops)', nspname)
                   from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm');
      exception when others then
        raise notice 'no index for the search of the audit: %', sqlerrm;
      end $$`);
    this.addSql(`
      create function steward.stamp_audit() returns trigger language plpgsql as $$
      begin
        new.recorded_by := session_user;
        new.recorded_at := clock_timestamp();
        return new;
      end $$`);
    this.addSql(`
      create function steward.refuse_audit_change() returns trigger language plpgsql as $$
      begin
        raise exception 'The audit is append-only: % is refused', tg_op
          using errcode = 'insufficient_privilege', hint = 'Entries are added. None is changed or removed.';
      end $$`);
    this.addSql(
      'create trigger audit_stamp before insert on steward.audit for each row execute function steward.stamp_audit()',
    );
    this.addSql(
      'create trigger audit_append_only before update or delete or truncate on steward.audit for each statement execute function steward.refuse_audit_change()',
    );
    // Also where session_replication_role keeps ordinary triggers quiet.
    this.addSql('alter table steward.audit enable always trigger audit_stamp');
    this.addSql('alter table steward.audit enable always trigger audit_append_only');
  }

  override down(): void {
    this.addSql('alter table steward.audit rename to audit_002');
    this.addSql('alter index steward.audit_pkey rename to audit_002_pkey');
    this.addSql('drop index steward.audit_at_idx');
    this.addSql(`
      create table steward.audit (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        actor text not null,
        connection_id text,
        connection_name text not null,
        database text not null,
        action text not null,
        sql text,
        outcome text not null,
        duration_ms double precision
      )`);
    this.addSql(`
      insert into steward.audit (at, actor, connection_id, connection_name, database, action, sql, outcome, duration_ms)
      select at, actor, connection_id, coalesce(connection_name, ''), coalesce(database, ''),
             case when action like 'migration-%' then replace(action, '-', ' ') || ' ' || coalesce(subject, '') else action end,
             sql, coalesce(error, outcome), duration_ms
        from steward.audit_002
       order by at, id`);
    this.addSql('drop table steward.audit_002');
    this.addSql('drop function steward.refuse_audit_change()');
    this.addSql('drop function steward.stamp_audit()');
    this.addSql('create index audit_at_idx on steward.audit (at desc)');
    this.addSql('create rule audit_keeps_updates as on update to steward.audit do instead nothing');
    this.addSql('create rule audit_keeps_deletes as on delete to steward.audit do instead nothing');
    this.addSql(`
      do $$ begin
        if exists (select from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
                    where extname = 'pg_trgm' and nspname = 'steward') then
          drop extension pg_trgm;
        end if;
      exception when others then
        raise notice 'pg_trgm stays: %', sqlerrm;
      end $$`);
  }
}
