import { expect, test } from 'vitest';

import type { Failure, Question } from '../../../../electron/contract/failure.ts';
import { FailureError } from '../../../../renderer/src/rpc/failure.ts';
import { registerAnswer, withAnswers } from '../../../../renderer/src/workbench/questions.ts';

const hostKey: Question = {
  kind: 'host-key',
  host: 'bastion',
  port: 22,
  keyType: 'ssh-ed25519',
  fingerprint: 'SHA256:x',
  key: 'AAAA',
  known: [],
};
const secret: Question = { kind: 'secret', purpose: 'password', subject: 'ada@db' };

function asks(question: Question): FailureError {
  const failure: Failure = { code: 'needs_answer', message: 'because', retryable: false, question };
  return new FailureError(failure);
}

test('a call is made again after each answer', async () => {
  const heard: unknown[] = [];
  const stop = [
    registerAnswer('host-key', async ({ host }, id, reason) => heard.push([host, id, reason]) > 0),
    registerAnswer('secret', async ({ subject }, id) => heard.push([subject, id]) > 0),
  ];
  const questions = [hostKey, secret];
  const result = await withAnswers('a', async () => {
    const question = questions.shift();
    if (question !== undefined) throw asks(question);
    return 'open';
  });
  expect([result, heard]).toEqual([
    'open',
    [
      ['bastion', 'a', 'because'],
      ['ada@db', 'a'],
    ],
  ]);
  for (const each of stop) each();
});

test('who gives up gets the failure, and so does who has nobody to ask', async () => {
  const failing = async () => {
    throw asks(secret);
  };
  await expect(withAnswers('a', failing)).rejects.toThrow('because');
  const stop = registerAnswer('secret', async () => false);
  await expect(withAnswers('a', failing)).rejects.toThrow('because');
  stop();
  await expect(withAnswers('a', async () => Promise.reject(new Error('other')))).rejects.toThrow('other');
});

test('a question that answers nothing does not go on for ever', async () => {
  let asked = 0;
  const stop = registerAnswer('secret', async () => (asked += 1) > 0);
  await expect(
    withAnswers('a', async () => {
      throw asks(secret);
    }),
  ).rejects.toThrow('because');
  expect(asked).toBeLessThan(50);
  stop();
});

test('connections through one server ask about its key once, and each for its own password', async () => {
  const asked: string[] = [];
  let trusted = false;
  const known = new Set<string>();
  const stop = [
    registerAnswer('host-key', async ({ host }) => {
      asked.push(host);
      await new Promise((resolve) => setTimeout(resolve, 10));
      return (trusted = true);
    }),
    registerAnswer('secret', async (_, id) => {
      asked.push(id ?? '');
      known.add(id ?? '');
      return true;
    }),
  ];
  const open = (id: string) =>
    withAnswers(id, async () => {
      if (!trusted) throw asks(hostKey);
      if (!known.has(id)) throw asks(secret);
      return id;
    });
  expect(await Promise.all(['a', 'b'].map(open))).toEqual(['a', 'b']);
  expect(asked.toSorted()).toEqual(['a', 'b', 'bastion']);
  for (const each of stop) each();
});
