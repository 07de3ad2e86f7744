import type { LucideIcon } from 'lucide-react';

export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  /** Stands dimmed behind the title: a schema, a size. */
  readonly detail?: string;
  readonly icon?: LucideIcon;
  readonly run: () => void | Promise<void>;
}

/** Gives the palette things to find beside commands and connections: relations, saved queries, backups. */
export interface PaletteSource {
  readonly id: string;
  /** The heading of its entries. */
  readonly group: string;
  /** Asked each time the palette opens. Answer from a cache where there is one; the palette filters. */
  readonly entries: (context: {
    readonly connectionId: string | null;
    readonly signal: AbortSignal;
  }) => Promise<readonly PaletteEntry[]>;
}

const sources = new Map<string, PaletteSource>();

/** Adds a source for as long as the returned function is not called. */
export function registerPaletteSource(source: PaletteSource): () => void {
  sources.set(source.id, source);
  return () => {
    if (sources.get(source.id) === source) sources.delete(source.id);
  };
}

/** All sources as they stand now. */
export function allPaletteSources(): readonly PaletteSource[] {
  return [...sources.values()];
}
