import { expect, it } from 'vitest';

import type { ConnectParameters } from '../../../electron/postgres/connect-parameters.ts';
import { runClientProcess } from '../../../electron/postgres/client-process.ts';

it('an abort before the tool was started is not lost', async () => {
  const parameters: ConnectParameters = {
    host: '127.0.0.1',
    port: 1,
    database: 'd',
    user: 'u',
    sslMode: 'disable',
    settings: {},
    connectTimeoutMs: 1000,
  };
  const controller = new AbortController();
  const started = performance.now();
  const running = runClientProcess(process.execPath, ['-e', 'setTimeout(() => {}, 4000)'], {
    parameters,
    applicationName: 'test',
    signal: controller.signal,
  });
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - started).toBeLessThan(3000);
});
