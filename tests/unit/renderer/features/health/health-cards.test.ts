import { expect, test } from 'vitest';

import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';

import { countGroups, countTones, healthRows } from '../../../../../renderer/src/features/health/health-cards.ts';
import type { HealthFilter, HealthRow } from '../../../../../renderer/src/features/health/health-cards.ts';

const everything: HealthFilter = { group: 'all', tone: 'all', text: '' };

function finding(object: string, severity: Severity): HealthFinding {
  return { object, severity, message: `${object} is not well`, evidence: [{ label: 'Size', value: '6.6 MB' }] };
}

function check(id: string, group: HealthCheckResult['group'], changes: Partial<HealthCheckResult>): HealthCheckResult {
  return {
    id,
    group,
    title: `Title of ${id}`,
    why: '',
    status: 'ok',
    findings: [],
    durationMs: 1,
    sql: 'select 1',
    ...changes,
  };
}

function reportOf(checks: HealthCheckResult[]): HealthReport {
  return {
    server: { version: '18.4', versionNum: 180_004, inRecovery: false },
    database: 'shop',
    user: 'app',
    startedAt: '2026-11-23T14:00:00Z',
    durationMs: 500,
    checks,
  };
}

const report = reportOf([
  check('IDX01', 'indexes', {
    status: 'finding',
    findings: [finding('public.a', 'info'), finding('public.b', 'warning')],
  }),
  check('IDX02', 'indexes', {}),
  check('QRY01', 'queries', { status: 'skipped', reason: 'The extension pg_stat_statements is not installed.' }),
  check('LCK01', 'locks', { status: 'error', reason: 'permission denied' }),
  check('SEQ01', 'sequences', { status: 'finding', findings: [finding('public.c', 'critical')] }),
]);

function shown(rows: readonly HealthRow[]): string[] {
  return rows.map((row) =>
    row.kind === 'finding' ? `${row.tone} ${row.finding.object}` : `${row.kind} ${row.check.id}`,
  );
}

test('findings come by severity, then failed checks, then those that cannot tell; passed checks are left out', () => {
  expect(shown(healthRows(report, everything, new Set()))).toEqual([
    'critical public.c',
    'warning public.b',
    'info public.a',
    'check LCK01',
    'check QRY01',
  ]);
});

test('a chip shows only its tone, a group only its checks', () => {
  expect(shown(healthRows(report, { ...everything, tone: 'ok' }, new Set()))).toEqual(['check IDX02']);
  expect(shown(healthRows(report, { ...everything, group: 'indexes', tone: 'warning' }, new Set()))).toEqual([
    'warning public.b',
  ]);
});

test('a text finds passed checks too, and looks into reasons and evidence', () => {
  expect(shown(healthRows(report, { ...everything, text: 'idx02' }, new Set()))).toEqual(['check IDX02']);
  expect(shown(healthRows(report, { ...everything, text: 'PG_STAT' }, new Set()))).toEqual(['check QRY01']);
  expect(healthRows(report, { ...everything, text: '6.6 mb' }, new Set())).toHaveLength(3);
});

test('many findings of one check are folded to five until they are unfolded', () => {
  const many = reportOf([
    check('SCH01', 'schema', {
      status: 'finding',
      findings: Array.from({ length: 48 }, (_, i) => finding(`public.t${i}`, 'warning')),
    }),
  ]);
  const folded = healthRows(many, everything, new Set());
  expect(folded).toHaveLength(6);
  expect(folded.at(-1)).toMatchObject({ kind: 'fold', total: 48, open: false });
  const open = healthRows(many, everything, new Set([folded.at(-1)?.key ?? '']));
  expect(open).toHaveLength(49);
  expect(new Set(open.map(({ key }) => key)).size).toBe(49);
});

test('seven findings are not worth a fold', () => {
  const seven = reportOf([
    check('SCH01', 'schema', {
      status: 'finding',
      findings: Array.from({ length: 7 }, (_, i) => finding(`public.t${i}`, 'info')),
    }),
  ]);
  expect(healthRows(seven, everything, new Set())).toHaveLength(7);
});

test('what is suppressed shows only where it is asked for, and counts for nothing else', () => {
  const [first] = report.checks.filter(({ status }) => status === 'finding');
  if (first === undefined) throw new Error('the report has findings');
  const marked = {
    ...first,
    findings: first.findings.map((finding) => ({ ...finding, suppressed: { id: '1', reason: 'known', until: null } })),
  };
  const one = { ...report, checks: [marked] };
  const shown = (tone: 'all' | 'suppressed') => healthRows(one, { ...everything, tone }, new Set()).length;
  expect(countTones(one, 'all')).toMatchObject({ critical: 0, warning: 0, info: 0, suppressed: first.findings.length });
  expect(countGroups(one)[0]).toMatchObject({ found: 0, worst: null });
  expect([shown('all'), shown('suppressed')]).toEqual([0, first.findings.length]);
});

test('counts are of findings by severity, and of checks by outcome', () => {
  expect(countTones(report, 'all')).toEqual({
    critical: 1,
    warning: 1,
    info: 1,
    suppressed: 0,
    unknown: 1,
    error: 1,
    ok: 1,
  });
  expect(countTones(report, 'locks')).toEqual({
    critical: 0,
    warning: 0,
    info: 0,
    suppressed: 0,
    unknown: 0,
    error: 1,
    ok: 0,
  });
});

test('groups tell how many of their checks found something, and the worst of it', () => {
  expect(countGroups(report)).toEqual([
    { group: 'queries', checks: 1, found: 0, worst: null },
    { group: 'indexes', checks: 2, found: 1, worst: 'warning' },
    { group: 'sequences', checks: 1, found: 1, worst: 'critical' },
    { group: 'locks', checks: 1, found: 0, worst: null },
  ]);
});

test('what is not listed counts, and why it is not all stands behind the findings', () => {
  const part = check('SCH01', 'schema', {
    status: 'finding',
    reason: '300 more findings are not listed.',
    findings: [finding('public.a', 'warning')],
    omitted: { critical: 0, warning: 100, info: 200 },
  });
  const counted = reportOf([part]);
  expect(countTones(counted, 'all')).toMatchObject({ warning: 101, info: 200, unknown: 0 });
  expect(shown(healthRows(counted, everything, new Set()))).toEqual(['warning public.a', 'check SCH01']);
  const suppressed = { id: '1', reason: 'Known.', until: null };
  const accepted = reportOf([{ ...part, findings: part.findings.map((one) => ({ ...one, suppressed })) }]);
  // The listed one is accepted, the others are not.
  expect(countGroups(accepted)).toMatchObject([{ found: 1, worst: 'warning' }]);
  expect(shown(healthRows(accepted, everything, new Set()))).toEqual(['check SCH01']);
});
