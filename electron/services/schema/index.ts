export { readCatalog, readDdl, readGraph, readRelation } from './schema-service.ts';
