import { useChannelStore } from '../rpc/channel.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Steward was started anew and does not know this page any more: says so, instead of trying for ever. */
export function StrangerNotice() {
  const stranger = useChannelStore(({ state }) => state.kind === 'stranger');
  return (
    <Dialog
      open={stranger}
      onOpenChange={() => {}}
      title="Open Steward’s new link"
      description="Steward was started anew, and each start has a link of its own. This page belongs to the one before."
    >
      <p>
        The new link is in the terminal where Steward was started. Open it in this browser; your tabs and their texts
        come back with it.
      </p>
    </Dialog>
  );
}
