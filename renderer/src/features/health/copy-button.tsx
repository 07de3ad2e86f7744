import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import { copyText } from '../../lib/copy-text.ts';
import { Button } from '../../ui/button.tsx';
import { showFailureToast } from '../../ui/toast.tsx';

/** Copies a text and says so for a moment. */
export function CopyButton({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await copyText(text);
      setCopied(true);
      window.setTimeout(() => setCopied(false), 1500);
    } catch (error) {
      showFailureToast(error, 'Not copied');
    }
  }
  return (
    <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
      {copied ? 'Copied' : children}
    </Button>
  );
}
