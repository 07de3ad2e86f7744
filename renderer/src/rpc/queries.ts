import { QueryClient, queryOptions } from '@tanstack/react-query';
import type { UseQueryOptions } from '@tanstack/react-query';

import { client } from './client.ts';
import type { Client, Inputs, Outputs } from './client.ts';
import { failureOf } from './failure.ts';

/** The one cache of answers. Local and cheap to ask again, but never on its own accord: servers are not polled for nothing. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 1 && failureOf(error).code === 'connection_lost',
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

type Domain = keyof Client & string;
type Procedure<D extends Domain> = keyof Client[D] & keyof Inputs[D] & keyof Outputs[D] & string;

/** The key under which `rpcQuery` keeps an answer; without input, the key of all answers of that procedure. */
export function rpcKey<D extends Domain, P extends Procedure<D>>(
  domain: D,
  procedure: P,
  input?: Inputs[D][P],
): readonly unknown[] {
  return input === undefined ? [domain, procedure] : [domain, procedure, input];
}

/**
 * Options for `useQuery` that ask one procedure of the contract: `useQuery(rpcQuery('schema', 'catalog', { connectionId }))`.
 * The query's signal reaches the service, so leaving a view cancels what it asked for.
 */
export function rpcQuery<D extends Domain, P extends Procedure<D>>(
  domain: D,
  procedure: P,
  ...rest: undefined extends Inputs[D][P] ? [input?: Inputs[D][P]] : [input: Inputs[D][P]]
): UseQueryOptions<Outputs[D][P], Error, Outputs[D][P], readonly unknown[]> {
  const [input] = rest;
  return queryOptions({
    queryKey: rpcKey(domain, procedure, input),
    queryFn: ({ signal }) => callProcedure(domain, procedure, input, signal),
  });
}

function callProcedure<D extends Domain, P extends Procedure<D>>(
  domain: D,
  procedure: P,
  input: Inputs[D][P] | undefined,
  signal: AbortSignal,
): Promise<Outputs[D][P]> {
  // The client is a proxy built from the contract: its members cannot be indexed generically without naming the shape.
  const call = client[domain][procedure] as unknown as (
    input: Inputs[D][P] | undefined,
    options: { readonly signal: AbortSignal },
  ) => Promise<Outputs[D][P]>;
  return call(input, { signal });
}
