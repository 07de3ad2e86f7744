import { formatCount, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly user_name: string;
  readonly client: string;
  readonly application: string;
  readonly sessions: string;
}

/** Groups of sessions that are named in the evidence. */
const maxNamed = 10;

export const unencryptedClients: HealthCheck<Row, 'minSessions'> = {
  id: 'CON09',
  group: 'connections',
  basis: 'moment',
  title: 'Remote clients without encryption',
  why: 'Whoever can listen on the way between client and server reads the queries and their results, and can change them. hostssl lines in pg_hba.conf refuse such clients.',
  requires: { privilege: 'pg_monitor, to see the connections of other users' },
  thresholds: {
    // pgEdge: any.
    minSessions: { usual: 1, unit: 'count', label: 'Fewest sessions that are reported' },
  },
  // Run on PostgreSQL 13 to 18. Sockets and loopback never leave the machine; GSSAPI encrypts as well.
  sql: () => `
select
  quote_ident(activity.usename) as user_name,
  host(activity.client_addr) as client,
  coalesce(activity.application_name, '') as application,
  count(*) as sessions
from pg_catalog.pg_stat_activity as activity
left join pg_catalog.pg_stat_ssl as tls on tls.pid = activity.pid
left join pg_catalog.pg_stat_gssapi as gss on gss.pid = activity.pid
where activity.client_addr is not null
  and not activity.client_addr <<= '127.0.0.0/8'::inet
  and not activity.client_addr <<= '::1/128'::inet
  and not activity.client_addr <<= '::ffff:127.0.0.0/104'::inet
  -- By its own address.
  and activity.client_addr is distinct from inet_server_addr()
  and not coalesce(tls.ssl, false)
  and not coalesce(gss.encrypted, false)
group by activity.usename, activity.client_addr, activity.application_name
order by sessions desc, user_name, client, application`,
  findings(rows, { facts, limits }) {
    const total = rows.reduce((sum, row) => sum + Number(row.sessions), 0);
    const findings =
      total === 0 || total < limits.minSessions
        ? []
        : [
            {
              object: 'unencrypted sessions',
              severity: 'warning' as const,
              message: `${plural(total, 'session comes', 'sessions come')} over the network without encryption.`,
              measure: total,
              evidence: rows.slice(0, maxNamed).map((row) => ({
                label: `${row.user_name} from ${row.client}`,
                value: `${plural(row.sessions, 'session')}${row.application === '' ? '' : ` of ${row.application}`}`,
              })),
              caution: `Have the clients connect with sslmode=verify-full first, then turn host into hostssl in pg_hba.conf.${rows.length > maxNamed ? ` ${formatCount(rows.length - maxNamed)} more groups of clients are not named.` : ''}`,
              confidence: 'high' as const,
              confidenceReason: 'A tunnel or a private network that encrypts on its own cannot be seen from here.',
            },
          ];
    return facts.readsAllStats
      ? findings
      : cannotTell(`Addresses of other users' sessions are hidden from ${facts.user}.`, {
          unlockSql: grantRole('pg_monitor', facts),
          findings,
        });
  },
};
