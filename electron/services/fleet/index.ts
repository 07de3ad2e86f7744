export { FleetService } from './fleet-service.ts';
