import { describe, expect, it } from 'vitest';

import type { HealthCheckResult } from '#contract/health-model.ts';
import { againstBaseline, countedFindings } from '../../../../electron/services/health/report/against-baseline.ts';
import { aCheck, aFinding, aReport } from './sample-report.ts';

const [a, b] = [aFinding({ object: 'a' }), aFinding({ object: 'b' })];

/** What of each check counts at `info`: the objects, and how many that are not listed. */
function counted(before: HealthCheckResult[] | undefined, after: HealthCheckResult[]): (string | number)[] {
  const against = before && againstBaseline(aReport(before), aReport(after));
  return after.flatMap((check) => {
    const { findings, omitted } = countedFindings(check, 'info', against);
    return [...findings.map(({ object }) => object), ...(omitted === 0 ? [] : [omitted])];
  });
}

describe('what a gate counts', () => {
  it('is every open finding at or above the severity, listed or not', () => {
    const check = aCheck('A01', [a, { ...b, severity: 'info' }], { omitted: { critical: 0, warning: 2, info: 3 } });
    expect(countedFindings(check, 'info', undefined)).toEqual({ findings: check.findings, omitted: 5 });
    expect(countedFindings(check, 'warning', undefined)).toEqual({ findings: [a], omitted: 2 });
    expect(countedFindings(check, 'never', undefined)).toEqual({ findings: [], omitted: 0 });
    const suppressed = { id: '1', reason: 'Known.', until: null };
    const accepted = aCheck('A01', [{ ...a, suppressed }], {
      omitted: { critical: 0, warning: 2, info: 0, suppressed },
    });
    expect(countedFindings(accepted, 'info', undefined)).toEqual({ findings: [], omitted: 0 });
  });

  it('is what is new or worse beside a baseline', () => {
    expect(counted([aCheck('A01', [a])], [aCheck('A01', [a, b])])).toEqual(['b']);
    const worse = { ...a, severity: 'critical' as const };
    expect(counted([aCheck('A01', [a])], [aCheck('A01', [worse])])).toEqual(['a']);
  });

  it('is everything of a check that the baseline did not ask or could not answer', () => {
    const skipped = aCheck('A01', [], { status: 'skipped', reason: 'Denied.' });
    expect(counted([], [aCheck('A01', [a])])).toEqual(['a']);
    expect(counted([skipped], [aCheck('A01', [a])])).toEqual(['a']);
    expect(counted([aCheck('A01', [], { status: 'error', reason: 'Stopped.' })], [aCheck('A01', [a])])).toEqual(['a']);
    expect(againstBaseline(aReport([skipped]), aReport([aCheck('A01', [a])])).unsure).toEqual([
      { check: 'A01', title: 'Title of A01', reason: 'The report before: Denied.' },
    ]);
  });

  it('is, of what is not listed, as many as there are more', () => {
    const many = (listed: (typeof a)[], warning: number) =>
      aCheck('A01', listed, { reason: `${warning} more.`, omitted: { critical: 0, warning, info: 0 } });
    expect(counted([many([a], 50)], [many([b], 49)])).toEqual([]);
    expect(counted([many([a], 50)], [many([b], 53)])).toEqual([3]);
    expect(counted([aCheck('A01', [a])], [many([a, b], 1)])).toEqual(['b', 1]);
    const critical = { ...b, severity: 'critical' as const };
    expect(counted([many([a], 50)], [many([critical], 50)])).toEqual([1]);
  });
});
