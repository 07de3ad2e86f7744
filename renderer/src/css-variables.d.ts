import 'react';

declare module 'react' {
  /** Custom properties in `style`, so that they need no cast. */
  interface CSSProperties {
    [name: `--${string}`]: string | number | undefined;
  }
}
