import { app, dialog, powerMonitor } from 'electron';

import { toFailure } from '../../postgres/failure.ts';
import { defaultDataDirectory } from '../../services/settings/index.ts';
import { registerAppScheme, serveAppScheme } from './app-protocol.ts';
import { hardenSessions, hardenWebContents } from './hardening.ts';
import { installMenu } from './menu.ts';
import { offerPorts } from './ports.ts';
import { startServices } from './start-services.ts';
import { openWindow, showWindow } from './window.ts';

// Everything beyond Electron's own API is in services; what is left here is the order of things.
registerAppScheme();
hardenWebContents(app);
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow);
  void app.whenReady().then(run);
} else {
  app.quit();
}

async function run(): Promise<void> {
  try {
    const running = await startServices(defaultDataDirectory());
    hardenSessions();
    serveAppScheme();
    offerPorts(running.services);
    installMenu();
    openWindow();
    powerMonitor.on('resume', () => running.services.connections.wake());
    app.on('activate', showWindow);
    app.on('window-all-closed', () => app.quit());
    let stopped = false;
    app.on('before-quit', (event) => {
      if (stopped) return;
      event.preventDefault();
      const quit = () => {
        stopped = true;
        app.quit();
      };
      running.stop().then(quit, quit);
    });
  } catch (error) {
    const { message, hint } = toFailure(error);
    dialog.showErrorBox('Steward cannot start', hint ? `${message}\n\n${hint}` : message);
    app.exit(2);
  }
}
