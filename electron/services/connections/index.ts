export { ConnectionsService } from './connections-service.ts';
export { defaultPassfile } from './passfile.ts';
export { parseConnectionUrl } from './parse-connection-url.ts';
export { targetOf } from './target-of.ts';
