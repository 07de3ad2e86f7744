// A sandboxed preload has `electron` alone, and is built as CommonJS: it exposes that this is the desktop, and passes the port on.
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('steward', { host: 'desktop' });

ipcRenderer.on('steward:port', (event) => {
  window.postMessage({ type: 'steward:port' }, window.location.origin, event.ports);
});

// The page listens once its scripts have run.
window.addEventListener('load', () => ipcRenderer.send('steward:connect'));
