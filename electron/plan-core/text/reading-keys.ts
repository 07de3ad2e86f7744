/** A key that exists only while a text is read; no key of PostgreSQL begins with a NUL. */
export const GROUPING_LINES = '\u0000grouping';
