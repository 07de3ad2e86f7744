import { lazy, useState } from 'react';
import type { ComponentType } from 'react';

/** A component that is loaded when it is first shown, or before. */
export interface Loadable<Props> {
  readonly View: ComponentType<Props>;
  /** Loads it, so that it is there at once when it is shown. A failed load is tried again then. */
  readonly preload: () => Promise<void>;
}

/**
 * Like `lazy`, but a component that is loaded already is shown in the same frame: `lazy` suspends even then, and React
 * keeps the fallback of whatever suspends for 300 ms.
 */
export function loadable<Props extends object>(load: () => Promise<ComponentType<Props>>): Loadable<Props> {
  let loaded: ComponentType<Props> | null = null;
  const remember = async (): Promise<ComponentType<Props>> => (loaded = await load());
  const Lazy = lazy(async () => ({ default: await remember() }));
  return {
    View: (props) => {
      // Chosen once: another component would begin anew.
      const [Shown] = useState<ComponentType<Props>>(() => loaded ?? Lazy);
      return <Shown {...props} />;
    },
    preload: async () => {
      await remember().catch(() => {});
    },
  };
}
