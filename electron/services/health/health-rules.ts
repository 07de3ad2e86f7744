import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';

import { type DescribedCheck, type Suppression, suppressionSchema } from '#contract/health.ts';
import { z } from '#contract/zod.ts';
import { StewardError } from '../../postgres/failure.ts';
import { JsonFile, type UnreadableFileHandler } from '../settings/index.ts';
import { healthChecks } from './checks/index.ts';
import { rulesInForce } from './report/suppressions.ts';

const rulesSchema = z.object({
  /** By `ID.name`. */
  thresholds: z.record(z.string(), z.number()).default({}),
  /** Checks that are asked only on request, and are wanted here. */
  alsoAsk: z.array(z.string()).default([]),
  suppressions: z.array(suppressionSchema).default([]),
});
export type HealthRulesContent = z.output<typeof rulesSchema>;

/**
 * Reads rules that somebody shares, such as a file in a repository. Throws `bad_input` with what is wrong: also for a
 * threshold that does not exist, which would be set in vain.
 */
export function parseHealthRules(text: string): HealthRulesContent {
  let content: HealthRulesContent;
  try {
    const parsed = rulesSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw noRules(z.prettifyError(parsed.error));
    content = parsed.data;
  } catch (error) {
    if (error instanceof StewardError) throw error;
    throw noRules(error instanceof Error ? error.message : String(error));
  }
  for (const [name, value] of Object.entries(content.thresholds)) {
    if (!isThreshold(name)) throw noRules(`there is no threshold ${name}`);
    if (value < 0) throw noRules(`the threshold ${name} takes a number that is not negative, not ${value}`);
  }
  return content;
}

/** Whether a check has a threshold of this name: `ID.name`. */
export function isThreshold(name: string): boolean {
  return healthChecks.some((check) =>
    Object.keys(check.thresholds ?? {}).some((threshold) => `${check.id}.${threshold}` === name),
  );
}

function noRules(why: string): StewardError {
  return StewardError.of('bad_input', `These are no health rules: ${why}`);
}

/** The name of the file of rules in the data folder. */
export const healthRulesFile = 'health-rules.json';

/**
 * What is asked and accepted here: thresholds, checks that are wanted, findings that are suppressed. Kept in
 * `health-rules.json` of the data folder, which a team may share.
 */
export class HealthRules {
  readonly #file: JsonFile<typeof rulesSchema>;
  #content: HealthRulesContent = { thresholds: {}, alsoAsk: [], suppressions: [] };

  constructor(dataDirectory: string) {
    this.#file = new JsonFile(path.join(dataDirectory, healthRulesFile), rulesSchema, () => ({
      thresholds: {},
      alsoAsk: [],
      suppressions: [],
    }));
  }

  async load(onUnreadable: UnreadableFileHandler): Promise<void> {
    const content = await this.#file.read(onUnreadable);
    const known = new Set(healthChecks.map(({ id }) => id));
    // A rule for a check of another version is no reason to fail.
    this.#content = { ...content, alsoAsk: content.alsoAsk.filter((id) => known.has(id)) };
  }

  /** Uses these instead of the file's. They are not written. */
  use(content: HealthRulesContent): void {
    this.#content = content;
  }

  get content(): HealthRulesContent {
    return this.#content;
  }

  get suppressions(): readonly Suppression[] {
    return this.#content.suppressions;
  }

  /** Those that hold on a connection now. */
  suppressionsOn(connectionId: string): readonly Suppression[] {
    return rulesInForce(this.#content.suppressions, connectionId, new Date());
  }

  get thresholds(): ReadonlyMap<string, number> {
    return new Map(Object.entries(this.#content.thresholds));
  }

  get alsoAsk(): readonly string[] {
    return this.#content.alsoAsk;
  }

  checks(): DescribedCheck[] {
    return healthChecks.map((check) => ({
      id: check.id,
      group: check.group,
      title: check.title,
      why: check.why,
      basis: check.basis,
      thresholds: Object.entries(check.thresholds ?? {}).map(([name, threshold]) => ({
        name,
        ...threshold,
        value: this.#content.thresholds[`${check.id}.${name}`] ?? threshold.usual,
      })),
      onlyWhenAsked: check.onlyWhenAsked === true,
      asked: check.onlyWhenAsked !== true || this.#content.alsoAsk.includes(check.id),
    }));
  }

  /** Null brings the usual value back. Throws `not_found` for a threshold that does not exist. */
  async setThreshold(id: string, name: string, value: number | null): Promise<void> {
    const threshold = healthChecks.find((check) => check.id === id)?.thresholds?.[name];
    if (threshold === undefined) throw StewardError.of('not_found', `${id} has no threshold ${name}`);
    if (value !== null && (!Number.isFinite(value) || value < 0))
      throw StewardError.of('bad_input', `${threshold.label} takes a number that is not negative`);
    const { [`${id}.${name}`]: _before, ...others } = this.#content.thresholds;
    const isUsual = value === null || value === threshold.usual;
    await this.#save({ thresholds: isUsual ? others : { ...others, [`${id}.${name}`]: value } });
  }

  async setAsked(id: string, asked: boolean): Promise<void> {
    const others = this.#content.alsoAsk.filter((one) => one !== id);
    await this.#save({ alsoAsk: asked ? [...others, id] : others });
  }

  async suppress(
    draft: Pick<Suppression, 'check' | 'object' | 'connectionId' | 'reason' | 'until'>,
  ): Promise<Suppression> {
    if (!healthChecks.some(({ id }) => id === draft.check))
      throw StewardError.of('not_found', `There is no check ${draft.check}`);
    const same = (one: Suppression) =>
      one.check === draft.check && one.object === draft.object && one.connectionId === draft.connectionId;
    const suppression: Suppression = {
      ...draft,
      id: randomUUID(),
      by: os.userInfo().username,
      at: new Date().toISOString(),
    };
    await this.#save({
      suppressions: [...this.#content.suppressions.filter((one) => !same(one)), suppression],
    });
    return suppression;
  }

  async unsuppress(id: string): Promise<void> {
    await this.#save({ suppressions: this.#content.suppressions.filter((one) => one.id !== id) });
  }

  async #save(change: Partial<HealthRulesContent>): Promise<void> {
    const content = { ...this.#content, ...change };
    await this.#file.write(content);
    this.#content = content;
  }
}
