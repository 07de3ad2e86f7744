import type { Connection } from '#contract/connections.ts';

/** Where a connection leads, `host:port/database`: what is kept of a database belongs to it and not to the name. */
export function targetOf({ host, port, database }: Pick<Connection, 'host' | 'port' | 'database'>): string {
  return `${host}:${port}/${database}`;
}
