/** The words that are coloured as keywords, in the editor and in what is only shown. */
export const sqlKeywords: readonly string[] = (
  'add all alter always analyze and any array as asc authorization begin between bigint boolean both by bytea cascade case cast char character ' +
  'check cluster collate column comment commit concurrently constraint create cross current_date current_timestamp current_user cycle database date ' +
  'declare default deferrable deferred delete desc detach attach disable distinct do domain double drop each else enable end enum except exclude ' +
  'execute exists explain extension false fetch filter first for force foreign from full function generated grant group having identity if ilike ' +
  'immutable in include increment index inherit initially inner insert instead int integer intersect interval into is isnull join json jsonb key ' +
  'language last lateral leading left level like limit local lock logged materialized merge minvalue maxvalue natural no none not nothing notnull ' +
  'null nulls numeric of off offset on only option or order outer over overriding owned owner parallel partition policy precision primary ' +
  'privileges procedure public publication range read real recursive references refresh reindex release rename replace reset restart restrict ' +
  'returning returns revoke right role rollback row rows rule savepoint schema security select sequence serializable session set setof share show ' +
  'smallint some stable start statement statistics storage stored strict subscription table tablespace temp temporary text then time timestamp ' +
  'timestamptz to trailing transaction trigger true truncate type union unique unlogged update user using uuid vacuum valid validate values varchar ' +
  'varying verbose view virtual volatile when where window with within without work write zone'
).split(' ');
