export { type HealthReportOptions, runHealthReport } from './run-health-report.ts';
export { HealthInputError } from './health-input-error.ts';
export { healthChecks } from './checks/index.ts';
export { ageSeverity, transactionIdLimit } from './checks/transaction-ids/age-limits.ts';
export { formatBytes, formatCount, formatDuration, formatPercent, plural } from './format-values.ts';
export { majorReleases, releasesAsOf } from './postgres-releases.ts';
export { type HealthRulesContent, parseHealthRules } from './health-rules.ts';
export { compareReports } from './report/compare-reports.ts';
export { exportReport } from './report/export-report.ts';
