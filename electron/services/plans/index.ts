export { PlansService } from './plans-service.ts';
