import { expect, test } from 'vitest';

import {
  defaultView,
  detailFor,
  readView,
  scopeId,
  viewMemory,
} from '../../../../../renderer/src/features/schema/diagram/diagram-view-state.ts';
import type { DiagramViewState } from '../../../../../renderer/src/features/schema/diagram/diagram-view-state.ts';

const view: DiagramViewState = {
  scope: { kind: 'focus', table: 'public.users', depth: 2, wholeHub: false },
  detail: 'all',
  hidden: ['public.log'],
  moved: { all: { 'public.users': [10, 20] } },
  viewports: { 'focus public.users': { x: 1, y: 2, zoom: 0.5 } },
};

test('a view comes back as it was remembered', () => {
  expect(readView(viewMemory(view))).toEqual(view);
});

test('what does not fit in memory is left out', () => {
  expect(readView(null)).toEqual(defaultView);
  expect(
    readView({
      scope: { kind: 'elsewhere' },
      detail: 7,
      hidden: [1, 'public.log'],
      moved: { all: { a: ['x', 2] } },
      viewports: { all: { x: 0, y: 0, zoom: 0 } },
    }),
  ).toEqual({
    ...defaultView,
    hidden: ['public.log'],
    moved: { all: {} },
  });
});

test('large pictures show names only, unless more is chosen', () => {
  expect([detailFor(null, 60), detailFor(null, 61), detailFor('all', 150)]).toEqual(['keys', 'names', 'all']);
});

test('pictures are told apart by what they are of, not by their depth', () => {
  expect([scopeId({ kind: 'all' }), scopeId({ kind: 'schema', schema: 'all' }), scopeId(view.scope)]).toEqual([
    'all',
    'schema all',
    'focus public.users',
  ]);
});
