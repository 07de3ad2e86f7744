import { parentPort, workerData } from 'node:worker_threads';

import { unlockKey } from './unlock-key.ts';

const { text, passphrase } = workerData as { text: Uint8Array; passphrase: string };
parentPort?.postMessage(unlockKey(text, passphrase));
