import type { Severity } from '#contract/health-model.ts';
import { openFindings, type PrintedReport, suppressedFindings, type PlacedFinding } from './printed-report.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  warning: 'warning',
  info: 'note',
};

/**
 * A report as SARIF 2.1.0: a rule a check, a result a finding, its object as a logical location. Pure.
 * Suppressed findings are results with a suppression; checks that cannot tell are notifications of the run.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function reportSarif({ report, subject }: PrintedReport, version: string): string {
  const places = new Map(report.checks.map((check, place) => [check.id, place]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Steward',
            version,
            semanticVersion: version,
            rules: report.checks.map((check) => ({
              id: check.id,
              name: check.title,
              shortDescription: { text: check.title },
              fullDescription: { text: check.why },
              properties: { group: check.group, ...(check.basis === undefined ? {} : { basis: check.basis }) },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: report.checks.every(({ status }) => status !== 'error'),
            startTimeUtc: report.startedAt,
            toolExecutionNotifications: report.checks
              .filter(({ status }) => status === 'skipped' || status === 'error')
              .map((check) => ({
                level: check.status === 'error' ? 'error' : 'note',
                associatedRule: { id: check.id, index: places.get(check.id) },
                message: {
                  text: [check.reason ?? 'No answer.', check.unlockSql].filter((part) => part !== undefined).join(' '),
                },
              })),
          },
        ],
        automationDetails: { id: `steward-health/${subject}/${report.database}` },
        properties: { server: report.server.version, database: report.database, score: report.score },
        results: [
          ...openFindings(report).map((placed) => result(placed, report.database, places)),
          ...suppressedFindings(report).map((placed) => ({
            ...result(placed, report.database, places),
            suppressions: [{ kind: 'external', justification: placed.finding.suppressed?.reason }],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function result({ check, finding }: PlacedFinding, database: string, places: ReadonlyMap<string, number>) {
  return {
    ruleId: check.id,
    ruleIndex: places.get(check.id),
    level: levels[finding.severity],
    message: {
      text: [finding.message, finding.fixSql === undefined ? undefined : `Fix: ${finding.fixSql}`]
        .filter((part) => part !== undefined)
        .join('\n'),
    },
    locations: [
      {
        logicalLocations: [
          { name: finding.object, fullyQualifiedName: `${database}/${finding.object}`, kind: 'resource' },
        ],
      },
    ],
    partialFingerprints: { 'stewardFinding/v1': `${check.id}/${database}/${finding.object}/${finding.fixSql ?? ''}` },
    properties: {
      evidence: Object.fromEntries(finding.evidence.map(({ label, value }) => [label, value])),
      ...(finding.confidence === undefined ? {} : { confidence: finding.confidence }),
    },
  };
}
