export { importInWorker } from './import-in-worker.ts';
export { logClock, statementsCsv } from './log-export.ts';
export { findLogs } from './log-files.ts';
export { LogsService } from './logs-service.ts';
export type { ReadLog } from './read-log.ts';
