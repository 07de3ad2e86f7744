export { type HealthReportOptions, runHealthReport } from './run-health-report.ts';
export { HealthInputError } from './health-input-error.ts';
export { healthChecks } from './checks/index.ts';
export { ageSeverity, transactionIdLimit } from './checks/transaction-ids/age-limits.ts';
export { formatBytes, formatCount, formatDuration, formatPercent, plural } from './format-values.ts';
export { majorReleases, releasesAsOf } from './postgres-releases.ts';
export { type HealthRulesContent, healthRulesFile, isThreshold, parseHealthRules } from './health-rules.ts';
export { againstBaseline, countedFindings } from './report/against-baseline.ts';
export { exportReport } from './report/export-report.ts';
export {
  changeWord,
  countsLine,
  openFindings,
  partialChecks,
  type PlacedFinding,
  type PrintedReport,
  scoreLine,
  silentChecks,
  suppressedFindings,
} from './report/printed-report.ts';
