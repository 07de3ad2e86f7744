import { createORPCClient } from '@orpc/client';
import type { InferClientInputs, InferClientOutputs } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';

import type { Contract } from '#contract/index.ts';

import { link } from './channel.ts';

export type Client = ContractRouterClient<Contract>;
export type Inputs = InferClientInputs<Client>;
export type Outputs = InferClientOutputs<Client>;

/** Everything the renderer may ask for, typed by the contract. */
export const client: Client = createORPCClient<Client>(link);
