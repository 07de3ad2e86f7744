import pg from 'pg';

const dateAndTimeOids = [1082, 1083, 1114, 1184, 1186, 1266, 1115, 1182, 1183, 1185, 1187, 1270];

/**
 * How catalog rows are read: int8 and numeric as strings (pg's own default), dates and times as PostgreSQL prints
 * them, json parsed.
 */
export const catalogTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    dateAndTimeOids.includes(oid)
      ? (value: string) => value
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** Every value as the text that PostgreSQL sent: what a result grid shows. */
export const textTypes: pg.CustomTypesConfig = {
  getTypeParser: (() => (value: string) => value) as pg.CustomTypesConfig['getTypeParser'],
};
