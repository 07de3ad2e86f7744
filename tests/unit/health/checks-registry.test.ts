import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { healthGroups } from '#contract/health-model.ts';
import { healthChecks } from '../../../electron/services/health/checks/index.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const folder = fileURLToPath(new URL('../../../electron/services/health/checks', import.meta.url));

async function checkFiles(): Promise<{ group: string; id: string }[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.flatMap((entry) => {
    const id = /^([a-z]{3}\d\d)-[a-z0-9-]+\.ts$/.exec(path.basename(entry))?.[1];
    return id === undefined ? [] : [{ group: path.dirname(entry), id: id.toUpperCase() }];
  });
}

describe('the registry of health checks', () => {
  it('holds every file of the folder, each in its group, once', async () => {
    const byId = (left: { id: string }, right: { id: string }): number => left.id.localeCompare(right.id);
    const registered = healthChecks.map(({ group, id }) => ({ group, id }));
    expect(registered.toSorted(byId)).toEqual((await checkFiles()).toSorted(byId));
  });

  it('asks at least forty questions, and some in every group', () => {
    expect(healthChecks.length).toBeGreaterThanOrEqual(40);
    expect(new Set(healthChecks.map((check) => check.group))).toEqual(new Set(healthGroups));
  });

  it.each(healthChecks.map((check) => [check.id, check] as const))(
    '%s has a title, a reason, and one statement that only reads',
    (_, check) => {
      expect(check.title).not.toMatch(/[.!]$/);
      expect(check.why).toMatch(/\.$/);
      expect(check.why.length).toBeGreaterThan(60);
      for (const [name, { label, usual }] of Object.entries(check.thresholds ?? {})) {
        expect(name).toMatch(/^[a-z][A-Za-z]+$/);
        expect(label).toMatch(/^[A-Z].*[^.]$/);
        expect(Number.isFinite(usual)).toBe(true);
      }
      for (const versionNum of [130_000, 140_000, 150_000, 160_000, 170_000, 180_000]) {
        for (const isSuperuser of [true, false]) {
          const sql = check.sql(healthFacts({ versionNum, isSuperuser }), contextOf(check).limits).trim();
          expect(sql).toMatch(/^(select|with)\b/);
          const code = sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, "''");
          expect(code).not.toMatch(/;|\b(?:insert|update|delete|create|alter|drop|set|vacuum|analyze)\s+(?!_)/);
          expect(sql).not.toMatch(/undefined|\[object|NaN/);
        }
      }
    },
  );

  it('answers with nothing, or with a reason, where there are no rows', () => {
    const answers = healthChecks.map((check) => ({ id: check.id, outcome: check.findings([], contextOf(check)) }));
    const unexpected = answers.filter(({ outcome }) =>
      'kind' in outcome ? outcome.reason === '' : outcome.length > 0,
    );
    expect(unexpected).toEqual([]);
  });
});
