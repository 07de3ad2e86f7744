import { expect, it } from 'vitest';

import { chooseWindow } from '../../../../electron/services/statements/choose-window.ts';

const minute = 60_000;
const at = (...minutesAgo: number[]) =>
  minutesAgo.map((ago) => ({ id: `${ago}`, takenAtMs: 1_764_000_000_000 - ago * minute }));
const ids = (chosen: ReturnType<typeof chooseWindow>) =>
  chosen && {
    from: chosen.from?.id ?? null,
    to: chosen.to.id,
    previous: chosen.previous?.id ?? null,
    fallback: chosen.fallback,
    off: chosen.off,
  };

const hour = { kind: 'last', minutes: 60 } as const;

it('takes the newest snapshot that is as old as asked for, and one as long before to compare with', () => {
  expect(ids(chooseWindow(at(0, 1, 30, 60, 65, 121, 300), hour))).toEqual({
    from: '60',
    to: '0',
    previous: '121',
    fallback: false,
    off: false,
  });
});

it('takes what there is of the window where the next older one is far away, and says so', () => {
  expect(ids(chooseWindow(at(0, 1, 20, 4000), hour))).toMatchObject({ from: '20', previous: null, off: true });
});

it('takes the far one where it is the only one', () => {
  expect(ids(chooseWindow(at(0, 4000), hour))).toMatchObject({ from: '4000', off: true });
});

it('shows everything since the reset after the first snapshot', () => {
  expect(ids(chooseWindow(at(0), hour))).toMatchObject({ from: null, to: '0', fallback: true });
  expect(ids(chooseWindow(at(0, 60), { kind: 'reset' }))).toMatchObject({ from: null, fallback: false });
});

it('compares two snapshots in the order of time, whichever was named first', () => {
  expect(ids(chooseWindow(at(0, 10, 20, 30), { kind: 'between', from: '0', to: '10' }))).toMatchObject({
    from: '10',
    to: '0',
    previous: '20',
  });
});

it('has no answer for snapshots that are gone, or are the same', () => {
  expect(chooseWindow([], hour)).toBeUndefined();
  expect(chooseWindow(at(0, 10), { kind: 'between', from: '0', to: 'x' })).toBeUndefined();
  expect(chooseWindow(at(0, 10), { kind: 'between', from: '0', to: '0' })).toBeUndefined();
});
