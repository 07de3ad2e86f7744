import { useState } from 'react';

import { useChannelStore } from '../rpc/channel.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogSpacer } from '../ui/dialog.tsx';

/** Steward was started anew and does not know this page any more: says so, instead of trying for ever. */
export function StrangerNotice() {
  const stranger = useChannelStore(({ state }) => state.kind === 'stranger');
  const [dismissed, setDismissed] = useState(false);
  return (
    <Dialog
      open={stranger && !dismissed}
      onOpenChange={(open) => setDismissed(!open)}
      title="Open Steward’s new link"
      description="Steward was started anew, and each start has a link of its own. This page belongs to the one before."
      footer={
        <>
          <DialogSpacer />
          <Button onClick={() => setDismissed(true)}>Stay on this page</Button>
        </>
      }
    >
      <p>
        The new link is in the terminal where Steward was started. Open it in this browser; your tabs and their texts
        come back with it. Stay here to copy what is on the screen.
      </p>
    </Dialog>
  );
}
