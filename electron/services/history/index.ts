export { HistoryService } from './history-service.ts';
export { type StoreMode, StoreKeeper } from './store-keeper.ts';
