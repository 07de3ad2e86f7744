import { useEffect, useState } from 'react';

import type { SqlMarker } from '../../editor/sql-editor.tsx';
import { wordEnd } from '../../editor/statement-at.ts';
import { client } from '../../rpc/client.ts';

const pauseMs = 500;
const longestChecked = 1_000_000;

/** The first syntax error of a text, by PostgreSQL's own parser, a moment after the typing stops. */
export function useSyntaxMarker(tabId: string, text: string): SqlMarker | null {
  const [found, setFound] = useState<{ readonly tabId: string; readonly marker: SqlMarker } | null>(null);
  useEffect(() => {
    if (text.trim() === '' || text.length > longestChecked) {
      setFound(null);
      return;
    }
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      client.query.parse({ sql: text }, { signal: controller.signal }).then(
        ({ error }) => {
          if (controller.signal.aborted) return;
          setFound(error === null ? null : { tabId, marker: markerOf(text, error) });
        },
        () => {
          // Checking is a service; the server has the last word when the statement runs.
        },
      );
    }, pauseMs);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [tabId, text]);
  return found?.tabId === tabId ? found.marker : null;
}

function markerOf(text: string, error: { readonly message: string; readonly offset: number }): SqlMarker {
  const start = Math.max(0, Math.min(error.offset, text.length - 1));
  return { start, end: wordEnd(text, start), message: error.message, severity: 'error' };
}
