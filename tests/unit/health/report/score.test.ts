import { describe, expect, it } from 'vitest';

import type { Suppression } from '#contract/health.ts';
import { openCountsOf } from '../../../../electron/services/health/report/open-counts.ts';
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

describe('findings that are not listed', () => {
  const omitted = { critical: 0, warning: 19_800, info: 0 };
  const report = aReport([aCheck('TAB03', [aFinding({ confidence: 'medium' })], { omitted })]);

  it('cost like those that are, also where all of these are suppressed', () => {
    const marked = applySuppressions(report, [rule()], null, now);
    expect([healthScore(report), healthScore(marked)]).toEqual([97, 97]);
    expect(openCountsOf(marked.checks)).toEqual({ critical: 0, warning: 19_800, info: 0 });
  });

  it('are suppressed with the whole check, and no longer once the rule has gone', () => {
    const marked = applySuppressions(report, [rule({ object: null })], null, now);
    expect(healthScore(marked)).toBe(100);
    expect(marked.checks[0]?.omitted).toEqual({
      ...omitted,
      suppressed: { id: 'one', reason: 'Known.', until: null },
    });
    expect(applySuppressions(marked, [], null, now)).toEqual(report);
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

  it('of a group holds for its parts where they are few again', () => {
    const part = aReport([aCheck('TAB03', [aFinding({ partOf: 'schema public' })])]);
    const accepts = (object: string) =>
      applySuppressions(part, [rule({ object })], null, now).checks[0]?.findings[0]?.suppressed !== undefined;
    expect([accepts('schema public'), accepts('schema other')]).toEqual([true, false]);
  });

  it('of each of the objects that a finding stands for accepts it, until the first of them ends', () => {
    const group = aReport([aCheck('TAB03', [aFinding({ object: 'schema public', members: ['a', 'b'] })])]);
    const ofMembers = ['a', 'b'].map((object) =>
      rule({ id: object, object, until: `2026-12-0${object === 'a' ? 2 : 1}T00:00:00Z` }),
    );
    const marked = (rules: Suppression[]) => applySuppressions(group, rules, null, now).checks[0]?.findings[0];
    expect(marked(ofMembers)).toMatchObject({ suppressed: { id: 'b' } });
    const inPart = marked(ofMembers.slice(0, 1));
    expect([inPart?.suppressed, inPart?.suppressedMembers]).toEqual([undefined, ['a']]);
    expect(marked([])).toEqual(group.checks[0]?.findings[0]);
  });
});
