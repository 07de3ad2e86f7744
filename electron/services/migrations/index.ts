export { MigrationsService } from './migrations-service.ts';
