import path from 'node:path';

import { type AppStatus, type Settings, settingsSchema } from '#contract/settings.ts';
import { z } from '#contract/zod.ts';

import { LiveValue } from '../live-value.ts';
import { JsonFile } from './json-file.ts';

const uiStateSchema = z.record(z.string(), z.json());
export type UiState = z.output<typeof uiStateSchema>;

type Problem = AppStatus['problems'][number];

/** The user's settings and the state of the window, in two JSON files of the data folder. */
export class SettingsService {
  readonly problems = new LiveValue<readonly Problem[]>([]);
  readonly #settingsFile: JsonFile<typeof settingsSchema>;
  readonly #uiStateFile: JsonFile<typeof uiStateSchema>;
  #settings: Settings = settingsSchema.parse({});
  #uiState: UiState = {};

  constructor(dataDirectory: string) {
    this.#settingsFile = new JsonFile(path.join(dataDirectory, 'settings.json'), settingsSchema, () =>
      settingsSchema.parse({}),
    );
    this.#uiStateFile = new JsonFile(path.join(dataDirectory, 'ui-state.json'), uiStateSchema, () => ({}));
  }

  async load(): Promise<void> {
    this.#settings = await this.#settingsFile.read(this.report);
    this.#uiState = await this.#uiStateFile.read(this.report);
  }

  readonly report = (problem: Problem): void => {
    this.problems.set([...this.problems.value, problem]);
  };

  get current(): Settings {
    return this.#settings;
  }

  async set(changes: { [Key in keyof Settings]?: Settings[Key] | undefined }): Promise<Settings> {
    const next = settingsSchema.parse({ ...this.#settings, ...changes });
    await this.#settingsFile.write(next);
    this.#settings = next;
    return next;
  }

  readUiState(key: string): UiState[string] | null {
    return this.#uiState[key] ?? null;
  }

  async writeUiState(key: string, value: UiState[string]): Promise<void> {
    this.#uiState = { ...this.#uiState, [key]: value };
    await this.#uiStateFile.write(this.#uiState);
  }
}
