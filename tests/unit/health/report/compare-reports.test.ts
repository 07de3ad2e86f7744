import { describe, expect, it } from 'vitest';

import { compareReports } from '../../../../electron/services/health/report/compare-reports.ts';
import { aCheck, aFinding, aReport } from './sample-report.ts';

function kinds(before: Parameters<typeof aReport>[0], after: Parameters<typeof aReport>[0]) {
  const { changes, unsure } = compareReports(aReport(before), aReport(after));
  return {
    changes: changes.map(({ kind, check, finding }) => `${kind} ${check} ${finding.object}`),
    unsure: unsure.map(({ check }) => check),
  };
}

describe('two reports compared', () => {
  it('tells new, gone and same', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((object) => aFinding({ object }));
    if (!a || !b || !c) throw new Error('three');
    expect(kinds([aCheck('TAB03', [a, b])], [aCheck('TAB03', [b, c])])).toEqual({
      changes: ['new TAB03 c', 'gone TAB03 a', 'same TAB03 b'],
      unsure: [],
    });
  });

  it.each([
    ['worse', { severity: 'warning' }, { severity: 'critical' }],
    ['better', { severity: 'warning' }, { severity: 'info' }],
    ['worse', { measure: 100 }, { measure: 112 }],
    ['same', { measure: 100 }, { measure: 109 }],
    ['better', { measure: 100 }, { measure: 50 }],
    ['worse', { measure: 0 }, { measure: 1 }],
    ['same', { measure: 0 }, { measure: 0 }],
    ['better', { measure: -50 }, { measure: -100 }],
    ['same', { measure: 100 }, {}],
    // A worse severity outweighs a number that fell.
    ['worse', { measure: 100, severity: 'info' }, { measure: 10, severity: 'warning' }],
  ] as const)('%s from %o to %o', (kind, before, after) => {
    const { changes } = compareReports(
      aReport([aCheck('TAB03', [aFinding(before)])]),
      aReport([aCheck('TAB03', [aFinding(after)])]),
    );
    expect(changes.map((change) => change.kind)).toEqual([kind]);
    expect(changes[0]?.before?.message).toBe(aFinding().message);
  });

  it('a check that could not be answered makes nothing gone and nothing new', () => {
    const found = aCheck('IDX01', [aFinding()]);
    const skipped = aCheck('IDX01', [], { status: 'skipped', reason: 'Denied.' });
    expect(kinds([found], [skipped])).toEqual({ changes: [], unsure: ['IDX01'] });
    expect(kinds([skipped], [found])).toEqual({ changes: [], unsure: ['IDX01'] });
    expect(kinds([found], [])).toEqual({ changes: [], unsure: ['IDX01'] });
    expect(kinds([], [found])).toEqual({ changes: [], unsure: ['IDX01'] });
  });

  it('an answer in part is compared as far as both have seen', () => {
    const [a, b] = [aFinding({ object: 'a' }), aFinding({ object: 'b' })];
    const part = aCheck('SEQ01', [a], { reason: 'Two sequences are hidden.' });
    const whole = aCheck('SEQ01', [b]);
    // What the whole one does not find is gone; what it finds more may have been hidden before.
    expect(kinds([part], [whole])).toEqual({ changes: ['gone SEQ01 a'], unsure: ['SEQ01'] });
    expect(kinds([whole], [part])).toEqual({ changes: ['new SEQ01 a'], unsure: ['SEQ01'] });
  });

  it('two findings of one object are told apart by their fixes', () => {
    const first = aFinding({ fixSql: 'create index a on t (a);' });
    const second = aFinding({ fixSql: 'create index b on t (b);' });
    const { changes } = compareReports(
      aReport([aCheck('IDX07', [first, second])]),
      aReport([aCheck('IDX07', [second])]),
    );
    expect(changes.map(({ kind, finding }) => [kind, finding.fixSql])).toEqual([
      ['gone', first.fixSql],
      ['same', second.fixSql],
    ]);
  });

  it('a fix that changed its text does not make the finding new', () => {
    const before = aFinding({ fixSql: `alter system set shared_buffers = '1GB';` });
    const after = aFinding({ fixSql: `alter system set shared_buffers = '2GB';` });
    const { changes } = compareReports(aReport([aCheck('CFG03', [before])]), aReport([aCheck('CFG03', [after])]));
    expect(changes.map(({ kind }) => kind)).toEqual(['same']);
  });

  it('the worst of the new comes first', () => {
    const after = [
      aCheck('A01', [aFinding({ object: 'a', severity: 'info' })]),
      aCheck('B01', [aFinding({ object: 'b', severity: 'critical' })]),
    ];
    expect(kinds([aCheck('A01', []), aCheck('B01', [])], after).changes).toEqual(['new B01 b', 'new A01 a']);
  });

  it('two findings of one object without fixes are told apart by what they say, whatever the numbers', () => {
    const says = (message: string) => aFinding({ message });
    const { changes } = compareReports(
      aReport([aCheck('SCH22', [says('Key a has 3 nulls.'), says('Key b has 1,000 nulls, 6 MB.')])]),
      aReport([aCheck('SCH22', [says('Key b has 2,000 nulls, 1.5 GB.')])]),
    );
    expect(changes.map(({ kind, finding }) => [kind, finding.message])).toEqual([
      ['gone', 'Key a has 3 nulls.'],
      ['same', 'Key b has 2,000 nulls, 1.5 GB.'],
    ]);
  });

  it('names that differ by a number are not taken for one another', () => {
    const says = (message: string) => aFinding({ message });
    const [one, two] = [says('Key uq_1 has nulls.'), says('Key uq_2 has nulls.')];
    expect(kinds([aCheck('SCH22', [one, two])], [aCheck('SCH22', [two])]).changes).toHaveLength(2);
    const { changes } = compareReports(aReport([aCheck('SCH22', [one, two])]), aReport([aCheck('SCH22', [two])]));
    expect(changes.find(({ kind }) => kind === 'gone')?.finding.message).toBe(one.message);
  });

  describe('what is grouped in one of the reports', () => {
    const tables = ['a', 'b', 'c'];
    const single = tables.map((object) => aFinding({ object }));
    const group = (members: string[]) => aFinding({ object: 'schema public', members, measure: members.length });

    it('is neither new nor gone', () => {
      expect(kinds([aCheck('SCH06', single)], [aCheck('SCH06', [group(tables)])]).changes).toEqual([
        'same SCH06 schema public',
      ]);
      expect(kinds([aCheck('SCH06', [group(tables)])], [aCheck('SCH06', single.slice(1))]).changes).toEqual([
        'same SCH06 b',
        'same SCH06 c',
      ]);
    });

    it('is worse where it stands for more, or is more severe', () => {
      expect(kinds([aCheck('SCH06', single)], [aCheck('SCH06', [group([...tables, 'd'])])]).changes).toEqual([
        'worse SCH06 schema public',
      ]);
      const critical = { ...group(tables), severity: 'critical' as const };
      expect(kinds([aCheck('SCH06', single)], [aCheck('SCH06', [critical])]).changes).toEqual([
        'worse SCH06 schema public',
      ]);
    });

    it('does not hide what is new beside it', () => {
      const after = [...single.slice(1), aFinding({ object: 'd' })];
      expect(kinds([aCheck('SCH06', [group(tables)])], [aCheck('SCH06', after)]).changes).toEqual([
        'new SCH06 d',
        'same SCH06 b',
        'same SCH06 c',
      ]);
    });
  });
});
