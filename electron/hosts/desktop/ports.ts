import { RPCHandler } from '@orpc/server/message-port';
import { MessageChannelMain, type WebFrameMain, ipcMain } from 'electron';

import { createRouter } from '../../rpc/router.ts';
import type { Services } from '../../services/index.ts';
import { appOrigin } from './app-protocol.ts';

/** Gives a port to the contract to whoever asks, if it is our own page's main frame. */
export function offerPorts(services: Services): void {
  const handler = new RPCHandler(createRouter(services));
  ipcMain.on('steward:connect', (event) => {
    const frame = event.senderFrame;
    if (!isOurPage(frame)) return;
    const { port1, port2 } = new MessageChannelMain();
    handler.upgrade(port1, { context: {} });
    port1.start();
    frame.postMessage('steward:port', null, [port2]);
  });
}

/** The sender is checked before a port is handed over: the main frame of app://steward and nothing else. */
function isOurPage(frame: WebFrameMain | null): frame is WebFrameMain {
  return frame !== null && frame.parent === null && frame.origin === appOrigin;
}
