import { statementOrders } from '#contract/statements.ts';

import type { Remembered } from '../../workbench/remember-state.ts';
import { fieldsOf, oneOf } from '../../workbench/remembered-fields.ts';
import { keptChoices, type StatementsViewState } from './statements-store.ts';

/** How the section is looked at. Two chosen snapshots are of one connection, and a search is of the moment: not kept. */
export const statementsMemory: Remembered<StatementsViewState> = {
  toMemory: ({ choice, order, ownDatabase, detailHeight }) => ({
    choice: oneOf(choice, keptChoices) ?? null,
    order,
    ownDatabase,
    detailHeight,
  }),
  fromMemory(memory) {
    const { choice, order, ownDatabase, detailHeight } = fieldsOf(memory);
    const [keptChoice, keptOrder] = [oneOf(choice, keptChoices), oneOf(order, statementOrders)];
    return {
      ...(keptChoice === undefined ? {} : { choice: keptChoice }),
      ...(keptOrder === undefined ? {} : { order: keptOrder }),
      ...(typeof ownDatabase === 'boolean' ? { ownDatabase } : {}),
      ...(typeof detailHeight === 'number' ? { detailHeight } : {}),
    };
  },
};
