import { describe, expect, it } from 'vitest';
import type { Plan } from '#contract/plan-model.ts';
import { analyzePlans, PlanReadError } from '../../../electron/plan-core/index.ts';

/** What stands around a plan: clients, chats, logs. */

const COST = '(cost=0.00..1.00 rows=1 width=4)';
const LINES = [
  `Limit  ${COST}`,
  `  ->  Seq Scan on t  ${COST}`,
  `        Filter: ((b = 'it''s "q", (x'::text) AND (a > 1))`,
];

function shape(plans: readonly Plan[]): unknown {
  return plans.map(({ nodes }) =>
    nodes.map(({ nodeType, relation, properties }) => [nodeType, relation, properties['Filter']]),
  );
}

const WANTED = [
  [
    ['Limit', undefined, undefined],
    ['Seq Scan', 't', `((b = 'it''s "q", (x'::text) AND (a > 1))`],
  ],
];

describe('psql', () => {
  it.each([
    [
      'wrapped in a closed frame',
      `┌─────────────────────────────┐
│         QUERY PLAN          │
├─────────────────────────────┤
│ Limit  (cost=0.00..1.00 row…│
│…s=1 width=4)                │
│   ->  Seq Scan on t  (cost=…│
│…0.00..1.00 rows=1 width=4)  │
│         Filter: ((b = 'it''…│
│…s "q", (x'::text) AND (a > …│
│…1))                         │
└─────────────────────────────┘
(3 rows)`,
    ],
    [
      'wrapped without sides',
      `         QUERY PLAN          
-----------------------------
 Limit  (cost=0.00..1.00 row.
.s=1 width=4)
   ->  Seq Scan on t  (cost=.
.0.00..1.00 rows=1 width=4)
         Filter: ((b = 'it''.
.s "q", (x'::text) AND (a > .
.1))
(3 rows)`,
    ],
    [
      'expanded and wrapped',
      `-[ ЗАПИСЬ 1 ]-------------------------
QUERY PLAN | Limit  (cost=0.00..1.00 r.
           |.ows=1 width=4)
-[ ЗАПИСЬ 2 ]-------------------------
QUERY PLAN |   ->  Seq Scan on t  (cos.
           |.t=0.00..1.00 rows=1 width=4)
-[ ЗАПИСЬ 3 ]-------------------------
QUERY PLAN |         Filter: ((b = 'it.
           |.''s "q", (x'::text) AND (a > 1))`,
    ],
    ['expanded without alignment', LINES.map((line) => `QUERY PLAN|${line}`).join('\n\n')],
    [
      'as HTML',
      `<table border="1">\n  <tr>\n    <th align="center">QUERY PLAN</th>\n  </tr>\n${LINES.map(
        (line) =>
          `  <tr valign="top">\n    <td align="left">${line
            .replaceAll('&', '&amp;')
            .replaceAll('>', '&gt;')
            .replaceAll('"', '&quot;')
            .replace(/^ +/, (spaces) => '&nbsp;'.repeat(spaces.length))}</td>\n  </tr>`,
      ).join('\n')}\n</table>`,
    ],
    [
      'as CSV, where only some lines need quotes',
      `QUERY PLAN\n${LINES.map((line) => (line.includes('"') ? `"${line.replaceAll('"', '""')}"` : line)).join('\n')}`,
    ],
  ])('%s: the plan without its frame', (_, source) => {
    expect(shape(analyzePlans(source))).toEqual(WANTED);
  });

  it('keeps a plus that ends a line of a literal', () => {
    const [plan] = analyzePlans(
      `             QUERY PLAN             \n------------------------------------\n Seq Scan on t  ${COST}\n   Filter: (b = 'one +\n two'::text)\n(3 rows)`,
    );
    expect(plan?.nodes[0]?.properties['Filter']).toContain('one +');
  });
});

describe('other copies', () => {
  it.each([
    ['arrows of a word processor', LINES.join('\n').replace('->', '→')],
    ['entities of a web page', LINES.join('\n').replaceAll('>', '&gt;')],
    ['strings of a program', LINES.map((line) => `"${line}" +`).join('\n')],
    ['quotes that are not doubled inside', `"QUERY PLAN"\n${LINES.map((line) => `"${line}"`).join('\n')}`],
    [
      'a line broken between the costs and what was measured',
      LINES.join('\n')
        .replace('4)\n', '4) \n(actual time=0.1..0.2 rows=1 loops=1)\n')
        .replace('4)\n      ', '4)\n(actual time=0.1..0.2 rows=1 loops=1)\n      '),
    ],
  ])('%s', (_, source) => {
    expect(shape(analyzePlans(source))).toEqual(WANTED);
  });

  it('a name that ends every line with its quote is no copy in quotes', () => {
    const [plan] = analyzePlans('Delete on "f ""2"\n  ->  Foreign Delete on "f ""2"');
    expect(plan?.nodes.map(({ nodeType, relation }) => [nodeType, relation])).toEqual([
      ['ModifyTable', 'f "2'],
      ['Foreign Scan', 'f "2'],
    ]);
  });

  it('text that only ends like a plan is none', () => {
    expect(() => analyzePlans(`~ Seq Scan on t: see below ${COST}`)).toThrow(PlanReadError);
  });
});

describe('logs', () => {
  it('syslog, which cuts long lines in pieces', () => {
    const pieces = [
      'LOG:  duration: 12.500 ms  plan:',
      '#011Query Text: select *',
      '#011  from t',
      `#011${LINES[0] ?? ''}`,
      `#011  ->  Seq Scan on t`,
      `  ${COST}`,
      `#011${LINES[2]?.slice(0, 30) ?? ''}`,
      LINES[2]?.slice(30) ?? '',
    ];
    const plans = analyzePlans(
      pieces.map((piece, index) => `May  1 10:00:00 host postgres[77]: [5-${index + 1}] ${piece}`).join('\n'),
    );
    expect(shape(plans)).toEqual(WANTED);
    expect([plans[0]?.queryText, plans[0]?.executionMs]).toEqual(['select *\n  from t', 12.5]);
  });

  it('a message inside of a cloud’s own JSON', () => {
    const message = `2024-05-01 LOG:  duration: 3.000 ms  plan:\n${LINES.join('\n')}`;
    const plans = analyzePlans(JSON.stringify({ timestamp: 'now', jsonPayload: { message } }));
    expect([shape(plans), plans[0]?.executionMs]).toEqual([WANTED, 3]);
  });

  it.each(['json', 'yaml', 'xml'])('a plan in %s has its duration, and an error its line', (format) => {
    const body = {
      json: '{\n  "Query Text": "select 1",\n  "Plan": {\n    "Node Type": "Result"\n  }\n}',
      yaml: 'Query Text: "select 1"\nPlan: \n  Node Type: "Result"',
      xml: '<explain xmlns="http://www.postgresql.org/2009/explain">\n  <Query-Text>select 1</Query-Text>\n  <Plan>\n    <Node-Type>Result</Node-Type>\n  </Plan>\n</explain>',
    }[format];
    const log = (text: string): string =>
      `10:00 LOG:  checkpoint starting: time\n10:00 LOG:  duration: 7.000 ms  plan:\n${text
        .split('\n')
        .map((line) => `\t${line}`)
        .join('\n')}\n10:01 LOG:  checkpoint complete`;
    const [plan] = analyzePlans(log(body ?? ''));
    expect([plan?.format, plan?.queryText, plan?.executionMs, plan?.nodes[0]?.nodeType]).toEqual([
      format,
      'select 1',
      7,
      'Result',
    ]);
    if (format === 'json') {
      const cut = log((body ?? '').slice(0, 60));
      expect(() => analyzePlans(cut)).toThrow(expect.objectContaining({ line: 6, column: 20 }));
    }
  });

  it('parameters stand between the query and the plan', () => {
    const [plan] = analyzePlans(
      `LOG:  duration: 1.000 ms  plan:\n\tQuery Text: select $1\n\tQuery Parameters: $1 = 'it''s\n\ttwo'\n\tResult  ${COST}`,
    );
    expect([plan?.queryText, plan?.properties?.['Query Parameters'], plan?.nodes.length]).toEqual([
      'select $1',
      `$1 = 'it''s\ntwo'`,
      1,
    ]);
  });
});

describe('a source of hundreds of MB', () => {
  it.each([
    ['without a word of a plan', 'lorem ipsum\n'.repeat(2_000_000), 1],
    ['of line breaks', `->${'\n'.repeat(6_000_000)}`, 5_000_001],
  ])('%s is refused before it is taken apart', (_, source, line) => {
    expect(() => analyzePlans(source)).toThrow(expect.objectContaining({ name: 'PlanReadError', line }));
  });
});
