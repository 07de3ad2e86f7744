import type { Connection } from '#contract/connections.ts';

/** Says what a file is, and in which shape: `steward.ts` reads it back. */
export const exportFormat = 'steward-connections';
export const exportVersion = 1;

/**
 * Saved connections as the text of a JSON file. Secrets are no part of a connection, so none can be inside; a command
 * that prints a password is written as it is. What belongs to this machine stays here: ids, the connection to Steward's
 * own server, and what somebody wrote to accept a superuser.
 */
export function exportConnections(connections: readonly Connection[]): string {
  const exported = connections
    .filter(({ managedBy }) => managedBy === 'user')
    .map(({ id: _id, managedBy: _managedBy, superuserAccepted: _superuserAccepted, ...rest }) => rest);
  return `${JSON.stringify({ format: exportFormat, version: exportVersion, connections: exported }, undefined, 2)}\n`;
}
