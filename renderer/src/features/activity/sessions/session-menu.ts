import { CircleStop, Copy, ListTree, SquareTerminal, Unplug } from 'lucide-react';

import type { ActivitySession } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';

import { copyText } from '../../../lib/copy-text.ts';
import type { MenuEntry } from '../../../ui/menu.tsx';
import { showFailureToast } from '../../../ui/toast.tsx';
import { isHandled } from '../../../workbench/commands.ts';

import { askToStop, explainQueryOf, openQueryOf, whyNoExplain, whyNot } from './stop-session.ts';

/** What can be done to a session, for a right-click. */
export function sessionMenu(session: ActivitySession, connection: ConnectionEntry): readonly MenuEntry[] {
  const hasQuery = session.query !== null && session.query !== '';
  return [
    {
      label: 'Cancel statement…',
      icon: CircleStop,
      disabled: whyNot('cancel', session, connection) !== null,
      onSelect: () => askToStop('cancel', session, connection),
    },
    {
      label: 'End session…',
      icon: Unplug,
      danger: true,
      disabled: whyNot('terminate', session, connection) !== null,
      onSelect: () => askToStop('terminate', session, connection),
    },
    'separator',
    {
      label: 'Open query in editor',
      icon: SquareTerminal,
      disabled: !hasQuery,
      onSelect: () => void openQueryOf(session, connection.id),
    },
    ...(isHandled('plans.explain')
      ? [
          {
            label: 'Explain',
            icon: ListTree,
            disabled: whyNoExplain(session, connection) !== null,
            onSelect: () => void explainQueryOf(session, connection.id),
          },
        ]
      : []),
    { label: 'Copy pid', icon: Copy, onSelect: () => void copied(String(session.pid)) },
    ...(hasQuery
      ? [{ label: 'Copy query', icon: Copy, onSelect: () => void copied(session.query ?? '') } satisfies MenuEntry]
      : []),
  ];
}

/** Puts text on the clipboard, or says why not. */
export async function copied(text: string): Promise<void> {
  try {
    await copyText(text);
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}
