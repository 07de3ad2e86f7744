export { StatementsService } from './statements-service.ts';
