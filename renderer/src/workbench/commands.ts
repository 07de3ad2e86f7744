import type { LucideIcon } from 'lucide-react';
import { useSyncExternalStore } from 'react';

/**
 * Commands that take arguments, by id. One map, so that a call across features cannot be mistyped.
 * The feature that registers the command and the ones that run it need not know each other.
 */
export interface CommandArguments {
  /** Opens a new query tab with this text. It never runs by itself. */
  'query.open': { readonly sql: string; readonly title?: string; readonly connectionId?: string | null };
  /** Explains a statement, and shows its plan. */
  'plans.explain': {
    readonly connectionId: string;
    readonly sql: string;
    readonly analyze: boolean;
    readonly title?: string;
    /** Values of `$1`, `$2`, … as text, null for NULL; nobody is asked for them then. */
    readonly parameters?: readonly (string | null)[];
  };
  /** Reads plans out of a text, as if it were pasted. */
  'plans.openSource': { readonly source: string };
  /** Shows the page of a relation. */
  'schema.openRelation': { readonly connectionId: string; readonly oid: number };
  /** Shows the page of the relation of that name; without a schema, of the one that is found first. */
  'schema.openNamed': { readonly connectionId: string; readonly schema: string | null; readonly name: string };
}
export type CommandIdWithArguments = keyof CommandArguments;

/** Something the user can do: from the palette, by its shortcut, or from code with `runCommand`. */
export interface Command {
  readonly id: string;
  readonly title: string;
  /** The heading in the palette, usually the name of the section. */
  readonly group: string;
  readonly icon?: LucideIcon;
  /** For example `Mod+Enter`. Works everywhere in the window while the command is enabled. */
  readonly shortcut?: string;
  /** False hides it from the palette and lets its shortcut through. */
  readonly enabled?: () => boolean;
  /** False for commands that only make sense with arguments. */
  readonly inPalette?: boolean;
  readonly run: () => void | Promise<void>;
}

type Handler<Id extends CommandIdWithArguments> = (args: CommandArguments[Id]) => void | Promise<void>;

const commands = new Map<string, Command>();
const handlers = new Map<string, (args: never) => void | Promise<void>>();
const listeners = new Set<() => void>();
let snapshot: readonly Command[] = [];

function changed(): void {
  snapshot = [...commands.values()];
  for (const listener of listeners) listener();
}

/** Adds a command for as long as the returned function is not called. */
export function registerCommand(command: Command): () => void {
  commands.set(command.id, command);
  changed();
  return () => {
    if (commands.get(command.id) !== command) return;
    commands.delete(command.id);
    changed();
  };
}

/** Answers a command that takes arguments. One feature answers it; others call `runCommandWith`. */
export function handleCommand<Id extends CommandIdWithArguments>(id: Id, handler: Handler<Id>): () => void {
  handlers.set(id, handler);
  changed();
  return () => {
    handlers.delete(id);
    changed();
  };
}

/** Whether a feature answers this command: where none does, do not show its button. */
export function isHandled(id: CommandIdWithArguments): boolean {
  return handlers.has(id);
}

/** `isHandled` for components, so that a button appears with its feature. */
export function useIsHandled(id: CommandIdWithArguments): boolean {
  return useSyncExternalStore(subscribe, () => handlers.has(id));
}

/** Runs a command that takes arguments. Does nothing where no feature answers it. */
export async function runCommandWith<Id extends CommandIdWithArguments>(
  id: Id,
  args: CommandArguments[Id],
): Promise<void> {
  const handler = handlers.get(id) as Handler<Id> | undefined;
  await handler?.(args);
}

/** Runs a command by its id, if it is there and enabled. */
export async function runCommand(id: string): Promise<void> {
  const command = commands.get(id);
  if (command !== undefined && command.enabled?.() !== false) await command.run();
}

/** All commands, in the order in which they were added. */
export function useCommands(): readonly Command[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}

/** All commands as they stand now. */
export function allCommands(): readonly Command[] {
  return snapshot;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
