import type { ReactNode } from 'react';
import { create } from 'zustand';

import { ConfirmDialog } from './confirm-dialog.tsx';

export interface Question {
  /** What will happen. */
  readonly title: string;
  readonly words: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly danger?: boolean;
  /** Must be typed before the button works: the name of a production database. */
  readonly typedName?: string | null;
  readonly wide?: boolean;
}

interface Asked {
  readonly question: Question;
  readonly answer: (agreed: boolean) => void;
}

const useAsked = create<{ readonly asked: Asked | null }>(() => ({ asked: null }));

/** Asks from code that is no component. Resolves to true when the user agreed. */
export function askUser(question: Question): Promise<boolean> {
  useAsked.getState().asked?.answer(false);
  return new Promise((resolve) => useAsked.setState({ asked: { question, answer: resolve } }));
}

/** Where `askUser` shows its dialog. Stands once in the app. */
export function AskViewport() {
  const asked = useAsked((state) => state.asked);
  if (asked === null) return null;
  const { question, answer } = asked;
  function close(agreed: boolean): void {
    answer(agreed);
    useAsked.setState({ asked: null });
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) close(false);
      }}
      title={question.title}
      action={question.action}
      wide={question.wide ?? false}
      danger={question.danger ?? false}
      typedName={question.typedName ?? null}
      onConfirm={() => close(true)}
    >
      {question.words}
    </ConfirmDialog>
  );
}
