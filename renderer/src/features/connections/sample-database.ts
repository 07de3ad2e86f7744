import { client } from '../../rpc/client.ts';
import { showFailureToast } from '../../ui/toast.tsx';
import { setJobTrayOpen } from '../../workbench/workbench-store.ts';

/** Begins to create the sample database on the local server; the job tray shows how far it is. */
export async function createSample(): Promise<void> {
  try {
    await client.settings.createSample({});
    setJobTrayOpen(true);
  } catch (error) {
    showFailureToast(error, 'The sample database was not created');
  }
}
