export { SampleService, sampleMigrationsFolder } from './sample-service.ts';
