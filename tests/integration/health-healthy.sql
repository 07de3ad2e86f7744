-- A database that is as it should be: whatever is found in it is a false alarm.
revoke all on schema public from public;
revoke connect, temporary on database healthy from public;
create role shop_owner nologin;
create role shop_app login password 'Vg5-not-the-name' connection limit 50;
create schema shop authorization shop_owner;
set role shop_owner;

create type shop.order_state as enum ('new', 'paid', 'sent');

create table shop.customer (
  id bigint generated always as identity primary key,
  email text not null unique,
  name text not null,
  country text not null check (length(country) = 2),
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table shop.product (
  id bigint generated always as identity primary key,
  sku text not null unique,
  title text not null,
  price numeric(12, 2) not null check (price >= 0),
  tags text[] not null default '{}',
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index product_tags on shop.product using gin (tags);
create index product_details on shop.product using gin (details jsonb_path_ops);
create table shop.orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references shop.customer on delete restrict,
  state shop.order_state not null default 'new',
  placed_at timestamptz not null default now(),
  cancelled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index orders_customer on shop.orders (customer_id, placed_at desc);
create index orders_open on shop.orders (placed_at) where state = 'new';
create table shop.order_line (
  order_id bigint not null references shop.orders on delete cascade,
  line integer not null check (line > 0),
  product_id bigint not null references shop.product on delete restrict,
  quantity integer not null check (quantity > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (order_id, line)
);
create index order_line_product on shop.order_line (product_id);
create table shop.category (
  id bigint generated always as identity primary key,
  parent_id bigint references shop.category on delete set null check (parent_id <> id),
  title text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (title)
);
create index category_parent on shop.category (parent_id);
create table shop.product_category (
  product_id bigint not null references shop.product on delete cascade,
  category_id bigint not null references shop.category on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (product_id, category_id)
);
create index product_category_category on shop.product_category (category_id);
create table shop.event (
  id bigint generated always as identity,
  happened_at timestamptz not null,
  customer_id bigint not null references shop.customer on delete cascade,
  kind text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (id, happened_at)
) partition by range (happened_at);
create table shop.event_2026_01 partition of shop.event for values from ('2026-01-01') to ('2026-02-01');
create table shop.event_2026_02 partition of shop.event for values from ('2026-02-01') to ('2026-03-01');
create index event_customer on shop.event (customer_id, happened_at);
create index event_happened on shop.event using brin (happened_at);

alter table shop.customer enable row level security;
create policy own_rows on shop.customer for all to shop_app
  using (email = (select current_setting('shop.email', true)))
  with check (email = (select current_setting('shop.email', true)));
grant usage on schema shop to shop_app;
grant select, insert, update, delete on all tables in schema shop to shop_app;

create function shop.touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
create trigger touch before update on shop.customer for each row execute function shop.touch();
create trigger touch before update on shop.orders for each row execute function shop.touch();
create function shop.order_total(wanted bigint) returns numeric language sql stable set search_path = pg_catalog, pg_temp
  as $$ select sum(l.quantity * p.price) from shop.order_line l join shop.product p on p.id = l.product_id where l.order_id = wanted $$;

insert into shop.customer (email, name, country) select 'c' || n || '@example.org', 'Customer ' || n, 'CH' from generate_series(1, 5000) n;
insert into shop.product (sku, title, price, tags) select 'sku' || n, 'Product ' || n, n % 100, array['tag' || n % 7] from generate_series(1, 2000) n;
insert into shop.orders (customer_id, state, placed_at, cancelled_at)
  select 1 + n % 5000, (array['new', 'paid', 'sent'])[1 + n % 3]::shop.order_state, timestamptz '2026-01-01' + n * interval '1 minute', case when n % 4 = 0 then now() end
  from generate_series(1, 50000) n;
insert into shop.order_line (order_id, line, product_id, quantity) select n, m, 1 + (n * m) % 2000, 1 + m from generate_series(1, 50000) n, generate_series(1, 3) m;
insert into shop.category (title) select 'Category ' || n from generate_series(1, 50) n;
insert into shop.category (parent_id, title) select 1 + n % 50, 'Sub ' || n from generate_series(1, 200) n;
insert into shop.product_category (product_id, category_id) select n, 1 + n % 250 from generate_series(1, 2000) n;
insert into shop.event (happened_at, customer_id, kind) select timestamptz '2026-01-01' + n * interval '1 minute', 1 + n % 5000, 'seen' from generate_series(1, 60000) n;
reset role;
