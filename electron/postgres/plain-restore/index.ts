export { restorePlain } from './plain-restore.ts';
