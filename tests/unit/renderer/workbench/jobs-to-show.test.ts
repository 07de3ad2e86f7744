import { expect, test } from 'vitest';

import type { Job } from '#contract/jobs.ts';

import { jobsToShow } from '../../../../renderer/src/workbench/jobs-to-show.ts';

function job(id: string, kind: Job['kind'], state: Job['state']): Job {
  return {
    id,
    kind,
    state,
    title: id,
    connectionId: 'c',
    step: '',
    fraction: null,
    startedAt: `2026-11-23T14:00:0${id}Z`,
    finishedAt: null,
    failure: null,
    outcome: null,
  };
}

test('what runs is shown; a failure only until the next of its kind', () => {
  const jobs = [
    job('1', 'backup', 'failed'),
    job('2', 'backup', 'running'),
    job('3', 'restore', 'failed'),
    job('4', 'migrate', 'failed'),
  ];
  expect(jobsToShow(jobs, ['backup', 'restore']).map(({ id }) => id)).toEqual(['3', '2']);
});

test('an ended restore says where it went; an ended backup is in the list and a cancelled one is no news', () => {
  const jobs = [job('1', 'backup', 'done'), job('2', 'restore', 'done'), job('3', 'migrate', 'cancelled')];
  expect(jobsToShow(jobs, ['backup', 'restore', 'migrate']).map(({ id }) => id)).toEqual(['2']);
});
