/** SQL: what was granted on a relation or its columns, as `grant_item` with a row for each right. */
export function grantsOn(relation: string): string {
  return `(
      select ${relation}.relacl as acl
      union all
      select attribute.attacl
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = ${relation}.oid
        and attribute.attacl is not null
    ) as own
    cross join lateral pg_catalog.aclexplode(own.acl) as grant_item`;
}

/** SQL: quoted names of the roles other than the owner among the grantors; null where there are none. */
export function otherGrantors(grantor: string, owner: string): string {
  return `string_agg(distinct quote_ident(pg_catalog.pg_get_userbyid(${grantor})), ', ') filter (where ${grantor} <> ${owner})`;
}

/** A grant can be taken back by its grantor alone; superusers act as the owner. */
export function grantedByOthers(names: string): { readonly caution: string } {
  return {
    caution: `Granted by ${names}, not by the owner alone: only a REVOKE that this role runs itself takes its grant back.`,
  };
}
