/** Keys that exist only while a text is read; no key of PostgreSQL begins with a NUL. */
export const GROUPING_LINES = '\u0000grouping';
/** The line had rows with decimals, which 18 began. */
export const FRACTIONAL_ROWS = '\u0000fractional';
