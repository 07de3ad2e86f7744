/** SQL: the options with which a row of pg_auth_members was granted, as GRANT writes them; empty where there are none. */
export function membershipOptions(membership: string, versionNum: number): string {
  return versionNum >= 160_000
    ? `format(' with admin %s, inherit %s, set %s', ${membership}.admin_option::text, ${membership}.inherit_option::text, ${membership}.set_option::text)`
    : `case when ${membership}.admin_option then ' with admin option' else '' end`;
}

/** SQL: nobody holds the role through this member. Since 16 REVOKE refuses where somebody does. */
export function nobodyDependsOn(membership: string, versionNum: number): string {
  return versionNum >= 160_000
    ? `not (${membership}.admin_option and exists (
      select
      from pg_catalog.pg_auth_members as passed_on
      where passed_on.roleid = ${membership}.roleid
        and passed_on.grantor = ${membership}.member
    ))`
    : 'true';
}
