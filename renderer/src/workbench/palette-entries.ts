import { Plug } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';

import { useConnections } from '../rpc/live-lists.ts';

import { useCommands } from './commands.ts';
import { openAndSelect } from './connection-actions.ts';
import { allPaletteSources } from './palette-sources.ts';
import { useWorkbench } from './workbench-store.ts';

/** One line that the palette can show. */
export interface PaletteLine {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly icon?: LucideIcon | undefined;
  readonly shortcut?: string | undefined;
  readonly run: () => void | Promise<void>;
}

/** Everything that can be found: commands, connections, and what the features' sources answer, as it arrives. */
export function usePaletteLines(): readonly PaletteLine[] {
  const commands = useCommands();
  const { data: connections } = useConnections();
  const connectionId = useWorkbench((state) => state.activeConnectionId);
  const [found, setFound] = useState<Readonly<Record<string, readonly PaletteLine[]>>>({});

  useEffect(() => {
    const controller = new AbortController();
    for (const source of allPaletteSources()) {
      source.entries({ connectionId, signal: controller.signal }).then(
        (entries) => {
          if (controller.signal.aborted) return;
          const lines = entries.map((entry) => ({ ...entry, id: `${source.id}:${entry.id}`, group: source.group }));
          setFound((before) => ({ ...before, [source.id]: lines }));
        },
        () => {
          // A source that cannot answer has nothing to offer; its own section tells why.
        },
      );
    }
    return () => controller.abort();
  }, [connectionId]);

  return useMemo(() => {
    const fromCommands = commands.flatMap((command): PaletteLine[] =>
      command.inPalette === false || command.enabled?.() === false
        ? []
        : [
            {
              id: `command:${command.id}`,
              group: command.group,
              title: command.title,
              icon: command.icon,
              shortcut: command.shortcut,
              run: command.run,
            },
          ],
    );
    const fromConnections = (connections ?? []).map((connection): PaletteLine => ({
      id: `connection:${connection.id}`,
      group: 'Connections',
      title: connection.name,
      detail: `${connection.host}:${connection.port}/${connection.database}`,
      icon: Plug,
      run: () => openAndSelect(connection),
    }));
    return [...fromCommands, ...fromConnections, ...Object.values(found).flat()];
  }, [commands, connections, found]);
}
