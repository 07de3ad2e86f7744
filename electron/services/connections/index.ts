export { ConnectionsService } from './connections-service.ts';
export { parseConnectionUrl } from './parse-connection-url.ts';
