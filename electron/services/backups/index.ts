export { BackupsService } from './backups-service.ts';
