/** What `pg_catalog` of PostgreSQL 15 to 18 has for use in an expression; what only operators, indexes and servers call is left out. */
export const BUILT_IN_FUNCTIONS: ReadonlySet<string> = wordsOf(`
  abs aclcontains acldefault aclexplode aclinsert aclremove acos acosd acosh age any_value area array_agg array_append
  array_dims array_fill array_length array_lower array_ndims array_position array_positions array_prepend array_remove
  array_replace array_reverse array_sample array_shuffle array_sort array_to_json array_to_string array_to_tsvector
  array_upper ascii asin asind asinh atan atan2 atan2d atand atanh avg bit bit_and bit_count bit_length bit_or bit_xor
  bool bool_and bool_or bound_box box bpchar brin_desummarize_range brin_summarize_new_values brin_summarize_range
  btrim bytea cardinality casefold cash_words cbrt ceil ceiling center char char_length character_length chr cidr
  circle clock_timestamp col_description concat concat_ws convert convert_from convert_to corr cos cosd cosh cot cotd
  count covar_pop covar_samp crc32 crc32c cume_dist current_database current_query current_schema current_schemas
  current_setting current_user currtid2 currval cursor_to_xml cursor_to_xmlschema database_to_xml
  database_to_xml_and_xmlschema database_to_xmlschema date date_add date_bin date_part date_subtract date_trunc
  datemultirange daterange decode degrees dense_rank dexp diagonal diameter div dlog1 dlog10 dround dtrunc encode
  enum_first enum_last enum_range erf erfc every exp extract factorial family first_value float4 float8 floor format
  format_type gamma gcd gen_random_uuid generate_series generate_subscripts get_bit get_byte get_current_ts_config
  getdatabaseencoding getpgusername gin_clean_pending_list gin_compare_jsonb has_any_column_privilege
  has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege
  has_language_privilege has_largeobject_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege
  has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege height host hostmask
  icu_unicode_version in_range inet_client_addr inet_client_port inet_merge inet_same_family inet_server_addr
  inet_server_port initcap int2 int4 int4inc int4multirange int4range int8 int8multirange int8range interval
  interval_avg is_normalized isclosed isempty isfinite ishorizontal isopen isparallel isperp isvertical json_agg
  json_agg_strict json_array_elements json_array_elements_text json_array_length json_build_array json_build_object
  json_each json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_agg_strict
  json_object_agg_unique json_object_agg_unique_strict json_object_keys json_populate_record json_populate_recordset
  json_strip_nulls json_to_record json_to_recordset json_to_tsvector json_typeof jsonb_agg jsonb_agg_strict
  jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
  jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
  jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists
  jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array
  jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
  jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
  jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof justify_days justify_hours justify_interval lag
  last_value lastval lcm lead left length lgamma like like_escape line ln lo_close lo_creat lo_create lo_export
  lo_from_bytea lo_get lo_import lo_lseek lo_lseek64 lo_open lo_put lo_tell lo_tell64 lo_truncate lo_truncate64
  lo_unlink log log10 loread lower lower_inc lower_inf lowrite lpad lseg ltrim macaddr macaddr8 macaddr8_set7bit
  make_date make_interval make_time make_timestamp make_timestamptz makeaclitem masklen max md5 min min_scale mod mode
  money multirange mxid_age name nameconcatoid netmask network nextval normalize notlike now npoints nth_value ntile
  num_nonnulls num_nulls numeric nummultirange numnode numrange obj_description octet_length oid oidvectortypes
  overlaps overlay parse_ident path percent_rank percentile_cont percentile_disc pg_advisory_lock
  pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock
  pg_advisory_xact_lock_shared pg_available_extension_versions pg_available_extensions pg_available_wal_summaries
  pg_backend_pid pg_basetype pg_blocking_pids pg_cancel_backend pg_char_to_encoding pg_client_encoding
  pg_collation_actual_version pg_collation_for pg_collation_is_visible pg_column_compression pg_column_is_updatable
  pg_column_size pg_column_toast_chunk_id pg_conf_load_time pg_config pg_conversion_is_visible pg_current_logfile
  pg_current_snapshot pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_current_xact_id
  pg_current_xact_id_if_assigned pg_cursor pg_database_collation_actual_version pg_database_size pg_describe_object
  pg_encoding_max_length pg_encoding_to_char pg_extension_update_paths pg_filenode_relation pg_function_is_visible
  pg_get_acl pg_get_aios pg_get_backend_memory_contexts pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr
  pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result
  pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_loaded_modules
  pg_get_multixact_members pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef
  pg_get_publication_tables pg_get_replica_identity_index pg_get_replication_slots pg_get_ruledef pg_get_sequence_data
  pg_get_serial_sequence pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_statisticsobjdef
  pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef
  pg_get_wait_events pg_get_wal_replay_pause_state pg_get_wal_resource_managers pg_get_wal_summarizer_state
  pg_has_role pg_hba_file_rules pg_ident_file_mappings pg_index_column_has_property pg_index_has_property
  pg_indexes_size pg_input_error_info pg_input_is_valid pg_is_in_recovery pg_is_other_temp_schema
  pg_is_wal_replay_paused pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn
  pg_last_xact_replay_timestamp pg_listening_channels pg_lock_status pg_logical_emit_message pg_lsn pg_mcv_list_items
  pg_my_temp_schema pg_notification_queue_usage pg_notify pg_numa_available pg_opclass_is_visible
  pg_operator_is_visible pg_opfamily_is_visible pg_options_to_table pg_partition_ancestors pg_partition_root
  pg_partition_tree pg_postmaster_start_time pg_prepared_statement pg_prepared_xact pg_relation_filenode
  pg_relation_filepath pg_relation_is_publishable pg_relation_is_updatable pg_relation_size
  pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_sequence_parameters pg_settings_get_flags pg_size_bytes
  pg_size_pretty pg_sleep pg_sleep_for pg_sleep_until pg_snapshot_xip pg_snapshot_xmax pg_snapshot_xmin
  pg_split_walfile_name pg_stat_clear_snapshot pg_stat_file pg_stat_force_next_flush pg_stat_have_stats
  pg_statistics_obj_is_visible pg_table_is_visible pg_table_size pg_tablespace_databases pg_tablespace_location
  pg_tablespace_size pg_terminate_backend pg_timezone_abbrevs pg_timezone_abbrevs_abbrevs pg_timezone_abbrevs_zone
  pg_timezone_names pg_total_relation_size pg_trigger_depth pg_try_advisory_lock pg_try_advisory_lock_shared
  pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared pg_ts_config_is_visible pg_ts_dict_is_visible
  pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_typeof pg_visible_in_snapshot
  pg_wal_lsn_diff pg_wal_summary_contents pg_walfile_name pg_walfile_name_offset pg_xact_commit_timestamp
  pg_xact_commit_timestamp_origin pg_xact_status phraseto_tsquery pi plainto_tsquery point polygon position pow power
  query_to_xml query_to_xml_and_xmlschema query_to_xmlschema querytree quote_ident quote_literal quote_nullable
  radians radius random random_normal range_agg range_intersect_agg range_merge rank regclass regexp_count
  regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
  regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat
  replace reverse right round row_number row_security_active row_to_json rpad rtrim satisfies_hash_partition scale
  schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema session_user set_bit set_byte set_config set_masklen
  setseed setval setweight sha224 sha256 sha384 sha512 shobj_description sign similar_escape similar_to_escape sin
  sind sinh slope split_part sqrt statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array
  string_to_table strip strpos substr substring sum system_user table_to_xml table_to_xml_and_xmlschema
  table_to_xmlschema tan tand tanh text textlen time timeofday timestamp timestamptz timetz timezone to_ascii to_bin
  to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation to_regnamespace to_regoper
  to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod to_timestamp to_tsquery to_tsvector
  transaction_timestamp translate trim_array trim_scale trunc ts_delete ts_filter ts_headline ts_lexize ts_parse
  ts_rank ts_rank_cd ts_rewrite ts_stat ts_token_type tsmultirange tsquery_phrase tsrange tstzmultirange tstzrange
  tsvector_to_array txid_current txid_current_if_assigned txid_current_snapshot txid_snapshot_xip txid_snapshot_xmax
  txid_snapshot_xmin txid_status txid_visible_in_snapshot unicode_assigned unicode_version unistr unnest upper
  upper_inc upper_inf uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 var_pop var_samp varbit varchar
  variance version websearch_to_tsquery width width_bucket xid xml xml_is_well_formed xml_is_well_formed_content
  xml_is_well_formed_document xmlagg xmlcomment xmlconcat2 xmlexists xmltext xmlvalidate xpath xpath_exists
`);

/** Names of types, both as the catalog and as `format_type()` has them; of several words the first. */
export const BUILT_IN_TYPES: ReadonlySet<string> = wordsOf(`
  aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
  anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange bigint bit bool boolean box bpchar bytea
  char character cid cidr circle date datemultirange daterange double float4 float8 gtsvector inet int2 int2vector
  int4 int4multirange int4range int8 int8multirange int8range integer interval json jsonb jsonpath line lseg macaddr
  macaddr8 money name numeric nummultirange numrange oid oidvector path pg_brin_bloom_summary
  pg_brin_minmax_multi_summary pg_dependencies pg_lsn pg_mcv_list pg_ndistinct pg_node_tree pg_snapshot point polygon
  real record refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
  regprocedure regrole regtype smallint text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange
  tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void xid xid8 xml
`);

/** What may follow the first word of a type: `timestamp without time zone`, `interval day to second`. */
export const TYPE_TAILS: ReadonlySet<string> = wordsOf(`
  varying precision with without time zone local year month day hour minute second to
`);

/** Keywords as `ruleutils.c` and `postgres_fdw` print them: in upper case, which an identifier without quotes never has. */
export const KEYWORDS: ReadonlySet<string> = wordsOf(`
  ALL AND ANY ARRAY AS ASC ASYMMETRIC AT BETWEEN BOTH BY CASE CAST COALESCE COLLATE COLUMNS CONDITIONAL CONFLICT
  CONTENT CROSS CUBE CURRENT CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP
  CURRENT_USER DEFAULT DELETE DESC DISTINCT DO DOCUMENT ELSE EMPTY END ERROR ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT
  FALSE FILTER FIRST FOLLOWING FOR FORMAT FROM FULL GREATEST GROUP GROUPING GROUPS HAVING ILIKE IN INDENT INNER INSERT
  INTERSECT INTO IS ISNULL JOIN JSON JSON_ARRAY JSON_ARRAYAGG JSON_EXISTS JSON_OBJECT JSON_OBJECTAGG JSON_QUERY
  JSON_SCALAR JSON_SERIALIZE JSON_TABLE JSON_VALUE KEEP KEY KEYS LAST LATERAL LEADING LEAST LEFT LIKE LIMIT LOCAL
  LOCALTIME LOCALTIMESTAMP MATCHED MERGE MERGE_ACTION MODE NATURAL NESTED NFC NFD NFKC NFKD NO NORMALIZE NORMALIZED
  NOT NOTHING NOTNULL NULL NULLIF NULLS OF OFFSET OMIT ON ONLY OPERATOR OR ORDER ORDINALITY OTHERS OUTER OVER OVERLAPS
  OVERLAY PARTIAL PARTITION PASSING PATH PLACING POSITION PRECEDING QUOTES RANGE REF RETURNING RIGHT ROLLUP ROW ROWS
  SCALAR SELECT SESSION_USER SET SETS SHARE SIMILAR SKIP SOME STANDALONE STRICT STRING SUBSTRING SYMMETRIC SYSTEM_USER
  TABLE TABLESAMPLE THEN TIES TIME TO TRAILING TREAT TRIM TRUE UNBOUNDED UNCONDITIONAL UNION UNIQUE UNKNOWN UPDATE
  USER USING VALUE VALUES VARIADIC VERSION WHEN WHERE WHITESPACE WINDOW WITH WITHIN WITHOUT WRAPPER XMLATTRIBUTES
  XMLCONCAT XMLELEMENT XMLEXISTS XMLFOREST XMLNAMESPACES XMLPARSE XMLPI XMLROOT XMLSERIALIZE XMLTABLE ZONE
`);

/** Reserved words that are printed in lower case; a column of that name would be quoted. */
export const LOWER_KEYWORDS: ReadonlySet<string> = wordsOf('true false null and or not');

/** Of every table; no column can be called so. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = wordsOf('ctid tableoid xmin xmax cmin cmax');

/** What EXTRACT takes. */
export const EXTRACT_FIELDS: ReadonlySet<string> = wordsOf(`
  century day decade dow doy epoch hour isodow isoyear julian microseconds millennium milliseconds minute month
  quarter second timezone timezone_hour timezone_minute week year
`);

export const BUILT_IN_SCHEMAS: ReadonlySet<string> = wordsOf('pg_catalog information_schema');

export const BUILT_IN_COLLATIONS: ReadonlySet<string> = wordsOf(
  'C POSIX default ucs_basic unicode pg_c_utf8 pg_unicode_fast',
);

/** What EXPLAIN (SETTINGS) tells: every parameter of PostgreSQL 15 to 18 with the flag `EXPLAIN`. */
export const EXPLAINED_SETTINGS: ReadonlySet<string> = wordsOf(`
  constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction
  debug_parallel_query effective_cache_size effective_io_concurrency enable_async_append enable_bitmapscan
  enable_distinct_reordering enable_gathermerge enable_group_by_reordering enable_hashagg enable_hashjoin
  enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin
  enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
  enable_partitionwise_join enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort
  enable_tidscan force_parallel_mode from_collapse_limit geqo geqo_effort geqo_generations geqo_pool_size geqo_seed
  geqo_selection_bias geqo_threshold hash_mem_multiplier jit jit_above_cost jit_inline_above_cost
  jit_optimize_above_cost join_collapse_limit maintenance_io_concurrency max_parallel_workers
  max_parallel_workers_per_gather min_parallel_index_scan_size min_parallel_table_scan_size
  parallel_leader_participation parallel_setup_cost parallel_tuple_cost plan_cache_mode random_page_cost
  recursive_worktable_factor search_path seq_page_cost temp_buffers temp_tablespaces work_mem
`);

/** The words in a text, in a set. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
