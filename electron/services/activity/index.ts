export { ActivityService } from './activity-service.ts';
