import type { HealthCheckResult, Severity } from '#contract/health-model.ts';
import {
  evidenceOf,
  openFindings,
  type PlacedFinding,
  type PrintedReport,
  suppressedFindings,
} from './printed-report.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  warning: 'warning',
  info: 'note',
};

type BaselineState = 'new' | 'unchanged' | 'updated' | 'absent';
const baselineStates = { new: 'new', same: 'unchanged', worse: 'updated', better: 'updated', gone: 'absent' } as const;

/**
 * A report as SARIF 2.1.0: a rule a check, a result a finding, its object as a logical location. Suppressed findings are
 * results with a suppression; what cannot be told, or only in part, is a notification of the run. Beside a baseline
 * each result has its `baselineState`, and what is gone is a result that is absent. Pure.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function reportSarif(printed: PrintedReport, version: string): string {
  const { report, subject } = printed;
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
            toolExecutionNotifications: notifications(printed, places),
          },
        ],
        automationDetails: { id: `steward-health/${subject}/${report.database}` },
        properties: { server: report.server.version, database: report.database, score: report.score },
        results: results(printed, places),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function notifications({ report, against }: PrintedReport, places: ReadonlyMap<string, number>) {
  const about = (id: string, level: 'error' | 'note', text: string) => ({
    level,
    associatedRule: { id, index: places.get(id) },
    message: { text },
  });
  return [
    ...report.checks
      .filter(({ status, reason }) => status === 'skipped' || status === 'error' || (status === 'finding' && reason))
      .map((check) => about(check.id, check.status === 'error' ? 'error' : 'note', gapText(check))),
    ...(against?.unsure ?? [])
      // A check that only the baseline asked is no rule of this run.
      .filter(({ check }) => places.has(check))
      .map(({ check, reason }) => about(check, 'note', `Not compared with the baseline: ${reason}`)),
  ];
}

function gapText({ reason = 'No answer.', unlockSql }: HealthCheckResult): string {
  return unlockSql === undefined ? reason : `${reason} ${unlockSql}`;
}

function results({ report, against }: PrintedReport, places: ReadonlyMap<string, number>) {
  const checks = new Map(report.checks.map((check) => [check.id, check]));
  const shown = [...openFindings(report), ...suppressedFindings(report)].map((placed) => {
    const kind = against?.kinds.get(placed.finding);
    return { placed, state: kind === undefined ? undefined : baselineStates[kind] };
  });
  const gone = (against?.gone ?? []).flatMap(({ check: id, finding, kind }) => {
    const check = checks.get(id);
    return check === undefined ? [] : [{ placed: { check, finding }, state: baselineStates[kind] }];
  });
  const seen = new Map<string, number>();
  return [...shown, ...gone].map(({ placed, state }) => {
    const print = fingerprint(placed, report.database);
    const place = (seen.get(print) ?? 0) + 1;
    seen.set(print, place);
    return result(placed, {
      database: report.database,
      ruleIndex: places.get(placed.check.id),
      fingerprint: place === 1 ? print : `${print}/${place}`,
      state,
    });
  });
}

function fingerprint({ check, finding }: PlacedFinding, database: string): string {
  return `${check.id}/${database}/${finding.object}/${finding.fixSql ?? ''}`;
}

function result(
  { check, finding }: PlacedFinding,
  about: {
    readonly database: string;
    readonly ruleIndex: number | undefined;
    readonly fingerprint: string;
    readonly state: BaselineState | undefined;
  },
) {
  return {
    ruleId: check.id,
    ruleIndex: about.ruleIndex,
    level: levels[finding.severity],
    message: {
      text: [finding.message, finding.fixSql === undefined ? undefined : `Fix: ${finding.fixSql}`]
        .filter((part) => part !== undefined)
        .join('\n'),
    },
    locations: [
      {
        logicalLocations: [
          { name: finding.object, fullyQualifiedName: `${about.database}/${finding.object}`, kind: 'resource' },
        ],
      },
    ],
    partialFingerprints: { 'stewardFinding/v1': about.fingerprint },
    ...(about.state === undefined ? {} : { baselineState: about.state }),
    ...(finding.suppressed === undefined
      ? {}
      : { suppressions: [{ kind: 'external', justification: finding.suppressed.reason }] }),
    properties: {
      evidence: evidenceOf(finding),
      ...(finding.confidence === undefined ? {} : { confidence: finding.confidence }),
    },
  };
}
