import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { Job } from '#contract/jobs.ts';
import type { SecretsState } from '#contract/secrets.ts';
import type { AppStatus } from '#contract/settings.ts';

import { useChannelStore } from './channel.ts';
import { client } from './client.ts';
import { queryClient, rpcKey, rpcQuery } from './queries.ts';

const pauseBeforeAgainMs = 1_000;

/**
 * Keeps connections, jobs, the app's status and that of the secrets up to date in the cache for as long as the window lives.
 * Read them with `useConnections`, `useJobs`, `useAppStatus`, `useSecrets`; there is no need to poll.
 */
export function startLiveLists(): void {
  void follow(() => client.connections.watch(), rpcKey('connections', 'list'));
  void follow(() => client.jobs.watch(), rpcKey('jobs', 'list'));
  void follow(() => client.settings.watchStatus(), rpcKey('settings', 'status'));
  void follow(() => client.secrets.watch(), rpcKey('secrets', 'state'));
}

async function follow<T>(subscribe: () => Promise<AsyncIterable<T>>, key: readonly unknown[]): Promise<void> {
  for (;;) {
    try {
      for await (const value of await subscribe()) queryClient.setQueryData(key, value);
    } catch {
      // The channel's own state tells the user; here it only means to begin again.
    }
    await channelOpen();
    await new Promise((resolve) => window.setTimeout(resolve, pauseBeforeAgainMs));
  }
}

async function channelOpen(): Promise<void> {
  if (useChannelStore.getState().state.kind === 'open') return;
  await new Promise<void>((resolve) => {
    const stop = useChannelStore.subscribe((now) => {
      if (now.state.kind !== 'open') return;
      stop();
      resolve();
    });
  });
}

/** All saved connections with their state, kept up to date. */
export function useConnections(): UseQueryResult<ConnectionEntry[]> {
  return useQuery({ ...rpcQuery('connections', 'list'), staleTime: Number.POSITIVE_INFINITY });
}

/** One saved connection, or null where there is none of that id. */
export function useConnection(connectionId: string | null): ConnectionEntry | null {
  const { data } = useConnections();
  return data?.find((entry) => entry.id === connectionId) ?? null;
}

/** Running and ended jobs, kept up to date. */
export function useJobs(): Job[] {
  return useQuery({ ...rpcQuery('jobs', 'list'), staleTime: Number.POSITIVE_INFINITY }).data ?? noJobs;
}
const noJobs: Job[] = [];

/** Version, folders, local server, store, secrets, problems; kept up to date. */
export function useAppStatus(): UseQueryResult<AppStatus> {
  return useQuery({ ...rpcQuery('settings', 'status'), staleTime: Number.POSITIVE_INFINITY });
}

/** Where secrets are kept, and whether they are locked; kept up to date. */
export function useSecrets(): UseQueryResult<SecretsState> {
  return useQuery({ ...rpcQuery('secrets', 'state'), staleTime: Number.POSITIVE_INFINITY });
}
