export { type JobHandle, JobsService } from './jobs-service.ts';
