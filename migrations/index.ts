import { Store001 } from './001-store.ts';

/** In the order in which they apply. The names are what the store remembers: never change one. */
export const storeMigrations = [{ name: '001-store', class: Store001 }];
