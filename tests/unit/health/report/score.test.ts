import { describe, expect, it } from 'vitest';

import type { Suppression } from '#contract/health.ts';
import { healthScore } from '../../../../electron/services/health/report/score.ts';
import { applySuppressions } from '../../../../electron/services/health/report/suppressions.ts';
import { aCheck, aFinding, aReport } from './sample-report.ts';

const now = new Date('2026-11-23T12:00:00Z');

function rule(different: Partial<Suppression> = {}): Suppression {
  return {
    id: 'one',
    check: 'TAB03',
    object: 'public.orders',
    connectionId: null,
    reason: 'Known.',
    by: 'ada',
    at: '2026-11-01T00:00:00Z',
    until: null,
    ...different,
  };
}

describe('the score', () => {
  it.each([
    [100, []],
    [80, [aCheck('A01', [aFinding({ severity: 'critical' })])]],
    [95, [aCheck('A01', [aFinding(), aFinding({ object: 'b' }), aFinding({ severity: 'info' })])]],
    [94, [aCheck('A01', [aFinding()]), aCheck('B01', [aFinding({ severity: 'info' })])]],
    [99, [aCheck('A01', [aFinding({ severity: 'info' })])]],
    [100, [aCheck('A01', [], { status: 'skipped', reason: 'Denied.' }), aCheck('B01', [], { status: 'error' })]],
    [0, Array.from({ length: 9 }, (_, place) => aCheck(`A0${place}`, [aFinding({ severity: 'critical' })]))],
  ] as const)('%i', (score, checks) => {
    expect(healthScore(aReport([...checks]))).toBe(score);
  });

  it('a finding that is not sure costs less', () => {
    const scoreOf = (confidence: 'high' | 'medium' | 'low') =>
      healthScore(aReport([aCheck('A01', [aFinding({ severity: 'critical', confidence })])]));
    expect([scoreOf('high'), scoreOf('medium'), scoreOf('low')]).toEqual([80, 86, 94]);
  });

  it('what is suppressed costs nothing', () => {
    const report = applySuppressions(aReport([aCheck('TAB03', [aFinding()])]), [rule()], null, now);
    expect(healthScore(report)).toBe(100);
  });
});

describe('a suppression', () => {
  const report = aReport([
    aCheck('TAB03', [aFinding(), aFinding({ object: 'public.lines' })]),
    aCheck('TAB04', [aFinding()]),
  ]);
  const suppressed = (rules: Suppression[], connectionId: string | null = 'shop') =>
    applySuppressions(report, rules, connectionId, now).checks.flatMap((check) =>
      check.findings.filter((finding) => finding.suppressed).map((finding) => `${check.id} ${finding.object}`),
    );

  it('is for one object of one check', () => {
    expect(suppressed([rule()])).toEqual(['TAB03 public.orders']);
    expect(suppressed([rule({ object: 'public.order' })])).toEqual([]);
  });

  it('is for a whole check', () => {
    expect(suppressed([rule({ object: null })])).toEqual(['TAB03 public.orders', 'TAB03 public.lines']);
  });

  it('is for one connection, or for all', () => {
    expect(suppressed([rule({ connectionId: 'other' })])).toEqual([]);
    expect(suppressed([rule({ connectionId: 'shop' })])).toEqual(['TAB03 public.orders']);
  });

  it('ends', () => {
    expect(suppressed([rule({ until: '2026-11-23T12:00:00Z' })])).toEqual([]);
    expect(suppressed([rule({ until: '2026-11-23T12:00:01Z' })])).toEqual(['TAB03 public.orders']);
  });

  it('the rule for the object is told rather than that for the check', () => {
    const marked = applySuppressions(
      report,
      [rule({ id: 'all', object: null, reason: 'All.' }), rule({ id: 'one', reason: 'One.' })],
      null,
      now,
    );
    expect(marked.checks[0]?.findings.map(({ suppressed: by }) => by?.reason)).toEqual(['One.', 'All.']);
  });

  it('marks of before are gone with their rule', () => {
    const marked = applySuppressions(report, [rule()], null, now);
    expect(applySuppressions(marked, [], null, now)).toEqual(report);
  });
});
