import type { Question } from '#contract/failure.ts';

import { failureOf } from '../rpc/failure.ts';

type QuestionKind = Question['kind'];
type QuestionOf<Kind extends QuestionKind> = Extract<Question, { readonly kind: Kind }>;

/** Asks the person and sends the answer. Resolves to true when the call may be made again, false when they gave up. */
export type AnswerHandler<Kind extends QuestionKind> = (
  question: QuestionOf<Kind>,
  /** Null where the question is about a connection that is not saved yet. */
  connectionId: string | null,
  /** Why it is asked, in the words of the server or the system. */
  reason: string,
) => Promise<boolean>;

const handlers = new Map<
  QuestionKind,
  (question: never, connectionId: string | null, reason: string) => Promise<boolean>
>();
/** Questions on screen, so that ten connections through one SSH server ask about its key once. */
const asked = new Map<string, Promise<boolean>>();
/** A tunnel with jump hosts asks for each key and each secret; more than this is a question that answers nothing. */
const mostQuestions = 20;

/** Answers one kind of question. One feature registers each: connections theirs, secrets `unlock`. */
export function registerAnswer<Kind extends QuestionKind>(kind: Kind, handler: AnswerHandler<Kind>): () => void {
  handlers.set(kind, handler);
  return () => {
    if (handlers.get(kind) === handler) handlers.delete(kind);
  };
}

/** Makes a call, and makes it again after each question that a person answers. Throws what it threw otherwise. */
export async function withAnswers<Result>(connectionId: string | null, call: () => Promise<Result>): Promise<Result> {
  for (let questions = 0; ; questions += 1) {
    try {
      return await call();
    } catch (error) {
      const { question, message } = failureOf(error);
      if (question === undefined || questions >= mostQuestions) throw error;
      if (!(await answerQuestion(question, connectionId, message))) throw error;
    }
  }
}

function answerQuestion(question: Question, connectionId: string | null, reason: string): Promise<boolean> {
  // A host's key and the secrets file are the same for all connections; the rest belongs to one.
  const shared = question.kind === 'host-key' || question.kind === 'unlock';
  const key = JSON.stringify([shared ? null : connectionId, question]);
  const running = asked.get(key);
  if (running !== undefined) return running;
  const handler = handlers.get(question.kind);
  if (handler === undefined) return Promise.resolve(false);
  const answer = handler(question as never, connectionId, reason).finally(() => asked.delete(key));
  asked.set(key, answer);
  return answer;
}
