export { runHealthReport } from './run-health-report.ts';
export { HealthInputError } from './health-input-error.ts';
export { healthChecks } from './checks/index.ts';
