import './theme/fonts.css';
import './theme/tokens.css';
import './theme/base.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { loadMonaco } from './editor/load-monaco.ts';
import { ConnectionQuestions } from './features/connections/questions/answer-question.tsx';
import { registerFeatures } from './features/register-features.ts';
import { SecretsViewport } from './features/secrets/index.ts';
import { openChannel } from './rpc/channel.ts';
import { client } from './rpc/client.ts';
import { startLiveLists } from './rpc/live-lists.ts';
import { queryClient } from './rpc/queries.ts';
import { applyTheme, startTheme } from './theme/theme.ts';
import { AskViewport } from './ui/ask-dialog.tsx';
import { ToastViewport } from './ui/toast.tsx';
import { TooltipProvider } from './ui/tooltip.tsx';
import { startJobToasts } from './workbench/job-toasts.ts';
import { registerWorkbenchCommands } from './workbench/workbench-commands.ts';
import { restoreWorkbench } from './workbench/workbench-memory.ts';
import { WorkbenchView } from './workbench/workbench-view.tsx';

/** How long the first paint waits to hear where the user was; after that the frame stands and fills in. */
const patienceMs = 1500;

async function start(): Promise<void> {
  startTheme();
  openChannel();
  registerWorkbenchCommands();
  registerFeatures();
  void client.settings
    .get()
    .then(({ theme }) => applyTheme(theme))
    .catch(() => {});
  startLiveLists();
  startJobToasts();
  await Promise.race([restoreWorkbench(), new Promise((resolve) => window.setTimeout(resolve, patienceMs))]);
  const root = document.getElementById('root');
  if (root === null) throw new Error('The page has no root element.');
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <WorkbenchView />
          <AskViewport />
          <ConnectionQuestions />
          <SecretsViewport />
          <ToastViewport />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
  // What shows queries and plans takes a moment to load: while the user looks around, and not when it is asked for.
  window.setTimeout(() => window.requestIdleCallback(() => void loadMonaco().catch(() => {})), 1000);
}

void start();
