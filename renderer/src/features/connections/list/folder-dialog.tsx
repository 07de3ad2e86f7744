import { useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { SuggestField } from '../../../ui/suggest-field.tsx';

export interface FolderDialogProps {
  readonly title: string;
  readonly action: string;
  readonly initial: string;
  readonly folders: readonly string[];
  readonly onChoose: (folder: string) => void;
  readonly onClose: () => void;
}

const formId = 'choose-folder';

/** Asks for a folder: one that is there, or a new one. */
export function FolderDialog({ title, action, initial, folders, onChoose, onClose }: FolderDialogProps) {
  const [folder, setFolder] = useState(initial);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      footer={
        <>
          <DialogSpacer />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={formId}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          onChoose(folder.trim());
          onClose();
        }}
      >
        <SuggestField
          label="Folder"
          value={folder}
          onValueChange={setFolder}
          suggestions={folders}
          placeholder="none"
          description="A slash makes a folder within a folder: Acme/Europe. Empty is the top of the list."
          autoFocus
        />
      </form>
    </Dialog>
  );
}
