import type { Question } from '#contract/failure.ts';
import { create } from 'zustand';

import { assertNever } from '../../../lib/assert-never.ts';
import { registerAnswer } from '../../../workbench/questions.ts';

import { HostKeyDialog } from './host-key-dialog.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import { SuperuserDialog } from './superuser-dialog.tsx';

/** The questions that this feature answers; `unlock` belongs to the secrets. */
type OwnQuestion = Exclude<Question, { readonly kind: 'unlock' | 'destructive' }>;

interface Asked {
  readonly question: OwnQuestion;
  readonly connectionId: string | null;
  readonly reason: string;
  readonly answer: (answered: boolean) => void;
}

const useAsked = create<{ readonly queue: readonly Asked[] }>(() => ({ queue: [] }));

/** Lets the questions of connections be asked wherever a connection is opened. */
export function registerConnectionAnswers(): void {
  registerAnswer('host-key', ask);
  registerAnswer('secret', ask);
  registerAnswer('superuser', ask);
}

function ask(question: OwnQuestion, connectionId: string | null, reason: string): Promise<boolean> {
  // What is answered for a connection must have one to be kept with; a host's key belongs to none.
  if (connectionId === null && question.kind !== 'host-key') return Promise.resolve(false);
  return new Promise((resolve) => {
    useAsked.setState(({ queue }) => ({ queue: [...queue, { question, connectionId, reason, answer: resolve }] }));
  });
}

/** Where the questions of connections are asked, one after the other. Stands once in the app. */
export function ConnectionQuestions() {
  const asked = useAsked(({ queue }) => queue[0]);
  if (asked === undefined) return null;
  const { question, connectionId, reason, answer } = asked;
  const onAnswer = (answered: boolean) => {
    useAsked.setState(({ queue }) => ({ queue: queue.filter((other) => other !== asked) }));
    answer(answered);
  };
  // A new question is a new dialog: nothing that was typed for one may stand in the next.
  const key = JSON.stringify([question, connectionId]);
  switch (question.kind) {
    case 'host-key':
      return <HostKeyDialog key={key} question={question} onAnswer={onAnswer} />;
    case 'secret':
      return (
        <SecretDialog key={key} question={question} connectionId={connectionId} reason={reason} onAnswer={onAnswer} />
      );
    case 'superuser':
      return <SuperuserDialog key={key} question={question} connectionId={connectionId} onAnswer={onAnswer} />;
    default:
      return assertNever(question);
  }
}
