import { rename } from 'node:fs/promises';
import path from 'node:path';

import { type AppStatus, type Settings, settingsSchema } from '#contract/settings.ts';
import { z } from '#contract/zod.ts';

import { LiveValue } from '../live-value.ts';
import { JsonFile, type UnreadableFile } from './json-file.ts';

const uiStateSchema = z.record(z.string(), z.json());
export type UiState = z.output<typeof uiStateSchema>;

type Problem = AppStatus['problems'][number];

/** An unreadable file, and the name that it was given; null where it was left. */
interface FoundUnreadable extends UnreadableFile {
  readonly keptAs: string | null;
}

/** The user's settings and the state of the window, in two JSON files of the data folder. */
export class SettingsService {
  readonly problems = new LiveValue<readonly Problem[]>([]);
  readonly #settingsFile: JsonFile<typeof settingsSchema>;
  readonly #uiStateFile: JsonFile<typeof uiStateSchema>;
  readonly #movesUnreadable: boolean;
  readonly #unreadableFiles: FoundUnreadable[] = [];
  #settings: Settings = settingsSchema.parse({});
  #uiState: UiState = {};

  /** `movesUnreadable`: false for a command that passes by and changes nothing in the data folder. */
  constructor(dataDirectory: string, { movesUnreadable }: { readonly movesUnreadable: boolean }) {
    this.#movesUnreadable = movesUnreadable;
    this.#settingsFile = new JsonFile(path.join(dataDirectory, 'settings.json'), settingsSchema, () =>
      settingsSchema.parse({}),
    );
    this.#uiStateFile = new JsonFile(path.join(dataDirectory, 'ui-state.json'), uiStateSchema, () => ({}));
  }

  async load(): Promise<void> {
    this.#settings = await this.#settingsFile.read(this.onUnreadable);
    this.#uiState = await this.#uiStateFile.read(this.onUnreadable);
  }

  readonly report = (problem: Problem): void => {
    this.problems.set([...this.problems.value, problem]);
  };

  /** For every JSON file of the data folder: keeps it aside under another name, or leaves it, and remembers it. */
  readonly onUnreadable = async ({ file, why }: UnreadableFile): Promise<'moved' | 'left'> => {
    if (!this.#movesUnreadable) {
      this.#unreadableFiles.push({ file, why, keptAs: null });
      return 'left';
    }
    const aside = `${file}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    await rename(file, aside);
    this.#unreadableFiles.push({ file, why, keptAs: aside });
    this.report({
      title: `${path.basename(file)} could not be read`,
      detail: `It was kept as ${aside}, and Steward started without it. ${why}`,
    });
    return 'moved';
  };

  /** What could not be read so far. */
  get unreadableFiles(): readonly FoundUnreadable[] {
    return this.#unreadableFiles;
  }

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
