import type { Failure } from '#contract/failure.ts';
import type { MigrationSql } from '#contract/migrations.ts';

import type { ConnectParameters } from '../../postgres/connect-parameters.ts';

/** What the worker is asked to do: it holds the user's code, the host never does. */
export type MigrationTask =
  | { readonly kind: 'sql'; readonly files: readonly { name: string; file: string }[] }
  | {
      readonly kind: 'run';
      readonly direction: 'up' | 'down';
      readonly files: readonly { name: string; file: string }[];
      readonly table: string;
      readonly parameters: ConnectParameters;
    };

/** What the worker says while it runs migrations one after the other. */
export type MigrationStep =
  | { readonly kind: 'begin'; readonly name: string; readonly statements: readonly string[] }
  | { readonly kind: 'done'; readonly name: string };

export type MigrationAnswer =
  | { readonly kind: 'sql'; readonly migrations: MigrationSql[] }
  | { readonly kind: 'ran' }
  | { readonly kind: 'failed'; readonly failure: Failure };
