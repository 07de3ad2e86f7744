import { describe, expect, it } from 'vitest';

import { reportFormats } from '#contract/health.ts';
import { againstBaseline } from '../../../../electron/services/health/report/against-baseline.ts';
import { exportReport } from '../../../../electron/services/health/report/export-report.ts';
import type { PrintedReport } from '../../../../electron/services/health/report/printed-report.ts';
import { aCheck, aFinding, aReport } from './sample-report.ts';

const hostile = `"><script>alert(1)</script>\u0000 & '</pre>\`\`\` ]]>`;

const printed: PrintedReport = {
  subject: 'orders-prod',
  report: aReport(
    [
      aCheck('IDX07', [
        aFinding({
          object: `public."${hostile}"`,
          severity: 'critical',
          message: `Table ${hostile} is odd.`,
          evidence: [{ label: hostile, value: hostile }],
          fixSql: `create index i on "${hostile}" (a);`,
          undoSql: `drop index "${hostile}";`,
          caution: hostile,
          blastRadius: hostile,
          related: [{ name: hostile, oid: 1 }],
        }),
      ]),
      aCheck('TAB03', [aFinding({ severity: 'info' })]),
      aCheck('TAB04', [
        aFinding({ suppressed: { id: '1', reason: `known ${hostile}`, until: '2027-01-01T00:00:00Z' } }),
      ]),
      aCheck('SEC04', [], { status: 'skipped', reason: `May not read ${hostile}.`, unlockSql: 'grant x to y;' }),
      aCheck('SEC05', [], { status: 'error', reason: 'Stopped.' }),
      aCheck('SEC06', []),
    ],
    { score: 74, database: hostile },
  ),
  forecasts: [
    {
      key: 'xid',
      label: `Oldest ${hostile}`,
      unit: 'xids',
      value: 10,
      limit: 100,
      perDay: 3,
      reachedAt: '2027-03-01T00:00:00Z',
      confidence: 'medium',
      confidenceReason: 'Only 2 reports over 9 days.',
      points: [
        { at: '2026-11-01T00:00:00Z', value: 1 },
        { at: '2026-11-10T00:00:00Z', value: 10 },
      ],
    },
  ],
};
const text = (format: (typeof reportFormats)[number], failOn?: 'critical' | 'never') =>
  exportReport(printed, format, { version: '1.2.3', ...(failOn ? { failOn } : {}) }).text;

describe('exports of a report', () => {
  it('every name of a database is text in HTML', () => {
    const html = text('html');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toContain('\u0000');
    // The tags that are opened are closed: nothing of a name has broken out.
    for (const tag of ['pre', 'article', 'table', 'section', 'td', 'th'])
      expect(html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length).toBe(html.match(new RegExp(`</${tag}>`, 'g'))?.length);
  });

  it('HTML asks nothing from elsewhere and runs nothing', () => {
    expect(text('html')).toContain(`default-src 'none'`);
    expect(text('html')).not.toMatch(/\b(?:src|href)=/);
    expect(text('html')).toContain('@media print');
  });

  it('HTML shows the score, the groups, the forecast and what cannot be told', () => {
    const html = text('html');
    for (const part of ['<b>74</b>', 'Tables and vacuum', '2027-03-01', 'grant x to y;', 'until 2027-01-01'])
      expect(html).toContain(part);
  });

  it('Markdown keeps a fence around SQL with fences in it, and no HTML', () => {
    const markdown = text('markdown');
    expect(markdown).toContain('````sql\n');
    expect(markdown.replaceAll(/`{4}sql\n[^]*?\n`{4}/g, '')).not.toMatch(/(?<!\\)<script/);
    expect(markdown).toContain('## Suppressed');
  });

  it('JUnit is well-formed, fails at the asked severity and skips what cannot be told', () => {
    const xml = text('junit');
    expect(xml).toContain('<testsuites name="steward health" tests="6" failures="2" errors="1" skipped="1"');
    expect(text('junit', 'critical')).toContain('failures="1"');
    expect(text('junit', 'never')).toContain('failures="0"');
    // oxlint-disable-next-line no-control-regex -- XML does not allow them.
    expect(xml).not.toMatch(/[\u0000-\u0008]|&(?!amp;|lt;|gt;|quot;|#39;)/);
  });

  it('SARIF names a rule for each check, a result for each finding, and the suppression', () => {
    const { version, runs } = JSON.parse(text('sarif')) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[]; version: string } };
        results: { ruleId: string; ruleIndex: number; level: string; suppressions?: unknown }[];
        invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
      }[];
    };
    const [run] = runs;
    expect(version).toBe('2.1.0');
    expect(run?.tool.driver.version).toBe('1.2.3');
    expect(run?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['IDX07', 'error'],
      ['TAB03', 'note'],
      ['TAB04', 'warning'],
    ]);
    expect(run?.results.every(({ ruleId, ruleIndex }) => run.tool.driver.rules[ruleIndex]?.id === ruleId)).toBe(true);
    expect(run?.results[2]?.suppressions).toEqual([{ kind: 'external', justification: `known ${hostile}` }]);
    expect(run?.invocations[0]).toMatchObject({ executionSuccessful: false });
    expect(run?.invocations[0]?.toolExecutionNotifications).toHaveLength(2);
  });

  it('JSON is the report, whole', () => {
    expect(JSON.parse(text('json'))).toMatchObject({
      subject: 'orders-prod',
      score: 74,
      checks: printed.report.checks,
    });
  });

  it.each(reportFormats)('the name of a %s file holds nothing that a file system minds', (format) => {
    const { fileName } = exportReport({ ...printed, subject: '../../etc/pa ss:*?wd' }, format, { version: '1' });
    expect(fileName).toMatch(/^health-[\p{L}\p{N}._-]+\.[a-z]+$/u);
    expect(fileName).not.toContain('/');
  });
});

describe('what is not all there was', () => {
  const checks = [
    aCheck('SEQ01', [aFinding()], { reason: '1 sequence may not be read.', unlockSql: 'grant select to app;' }),
    aCheck('SCH01', [aFinding({ severity: 'info' })], {
      reason: '19,800 more findings are not listed.',
      omitted: { critical: 0, warning: 0, info: 19_800 },
    }),
    aCheck('SEC05', [], { status: 'error', reason: 'Stopped.' }),
  ];
  const part: PrintedReport = { subject: 'shop', report: aReport(checks, { score: 94 }), forecasts: [] };

  it.each(['html', 'markdown', 'sarif', 'junit', 'json'] as const)(
    'is said in %s, with what would unlock it',
    (format) => {
      const { text: written } = exportReport(part, format, { version: '1' });
      for (const words of [
        '1 sequence may not be read.',
        'grant select to app;',
        '19,800 more findings are not listed.',
      ])
        expect(written).toContain(words);
    },
  );

  it.each(['html', 'markdown'] as const)('is counted in %s, and so is how many could tell', (format) => {
    const { text: written } = exportReport(part, format, { version: '1' });
    expect(written).toContain('0 critical, 1 warning, 19,801 notes, 0 checks ok, 0 cannot tell, 1 failed');
    expect(written).toContain('3 checks, score 94 of 100 by the 2 that could tell');
  });

  it('counts as failed in JUnit', () => {
    expect(exportReport(part, 'junit', { version: '1' }).text).toContain('message="19,801 findings: ');
  });
});

describe('beside a baseline', () => {
  const was = (object: string, different = {}) =>
    aFinding({ object, message: `Table ${object} is odd.`, ...different });
  const before = aReport([
    aCheck('A01', [was('same'), was('gone'), was('worse', { severity: 'info' })]),
    aCheck('B01', [], { status: 'skipped', reason: 'Denied.' }),
    aCheck('C01', [was('same')]),
  ]);
  const after = aReport([
    aCheck('A01', [was('same'), was('fresh'), was('worse')]),
    aCheck('B01', [was('found')]),
    aCheck('C01', [was('same')]),
  ]);
  const compared: PrintedReport = {
    subject: 'shop',
    report: after,
    forecasts: [],
    against: againstBaseline(before, after),
  };
  const written = (format: (typeof reportFormats)[number]) => exportReport(compared, format, { version: '1' }).text;

  it('JUnit fails for what is new or worse, and passes the rest', () => {
    const xml = written('junit');
    expect(xml).toContain('failures="2" errors="0" skipped="0"');
    expect(xml).toContain('message="2 findings: Table fresh is odd."');
    expect(xml).toContain('Not compared with the baseline: The report before: Denied.');
  });

  it('SARIF says of each result what it is', () => {
    const { runs } = JSON.parse(written('sarif')) as {
      runs: { results: { baselineState: string; message: { text: string } }[] }[];
    };
    expect(runs[0]?.results.map((one) => `${one.baselineState} ${one.message.text}`)).toEqual([
      'unchanged Table same is odd.',
      'new Table fresh is odd.',
      'updated Table worse is odd.',
      'new Table found is odd.',
      'unchanged Table same is odd.',
      'absent Table gone is odd.',
    ]);
  });

  it.each([
    ['markdown', ['## Warning (new): Table fresh', '## Warning (worse): Table worse', '- A01 Table gone']],
    ['html', ['Table fresh is odd. <span class="count">new</span>', 'Gone since the baseline', 'Table gone is odd.']],
  ] as const)('%s marks what changed, and what cannot be compared', (format, marks) => {
    for (const mark of [...marks, 'Not compared with the baseline', 'Denied.']) expect(written(format)).toContain(mark);
  });
});

describe('what a database may do to a report', () => {
  it('SARIF tells findings of one object apart, and keeps evidence of one label', () => {
    const twice = aFinding({
      evidence: [
        { label: 'Index', value: 'a' },
        { label: 'Index', value: 'b' },
      ],
    });
    const report = aReport([aCheck('SCH22', [twice, { ...twice, message: 'Another.' }])]);
    const { runs } = JSON.parse(
      exportReport({ subject: '', report, forecasts: [] }, 'sarif', { version: '1' }).text,
    ) as {
      runs: { results: { partialFingerprints: object; properties: { evidence: object[] } }[] }[];
    };
    const results = runs[0]?.results ?? [];
    expect(new Set(results.map((one) => JSON.stringify(one.partialFingerprints))).size).toBe(2);
    expect(results[0]?.properties.evidence).toEqual(twice.evidence);
  });

  it('Markdown holds nothing that steers a terminal or turns the direction of writing', () => {
    const steering = 'a\u001b[2J\u009b2J\u202eb\u2066c';
    const report = aReport([aCheck('TAB03', [aFinding({ message: steering, fixSql: `select '${steering}';` })])]);
    const { text: written } = exportReport({ subject: steering, report, forecasts: [] }, 'markdown', { version: '1' });
    // oxlint-disable-next-line no-control-regex -- these are the characters that must not be there.
    expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(written).toContain('a\ufffd');
  });
});
