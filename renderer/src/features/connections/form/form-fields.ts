import type { ConnectionEntry } from '#contract/connections.ts';

import type { ConnectionForm, FormErrors } from './connection-form.ts';

/** What each part of the form gets. */
export interface FormFieldsProps {
  readonly form: ConnectionForm;
  readonly onChange: (change: (before: ConnectionForm) => ConnectionForm) => void;
  readonly errors: FormErrors;
  /** Null for a new connection. */
  readonly entry: ConnectionEntry | null;
}
