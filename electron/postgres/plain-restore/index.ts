export { restorePlain } from './plain-restore.ts';
export { StatementStream } from './statement-stream.ts';
