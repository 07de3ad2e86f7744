import type { Connection } from '#contract/connections.ts';

type Environment = Connection['environment'];

// Whole words, so that `product` and `delivery` stay what they are. Pre-production comes before production.
const signs: readonly (readonly [Environment, RegExp])[] = [
  ['staging', /(?:^|[^a-z])(?:stag|stage|staging|stg|uat|pre-?prod|preproduction|preview)(?:[^a-z]|$)/],
  ['production', /(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)/],
  ['development', /(?:^|[^a-z])(?:dev|devel|develop|development|test|testing|qa|ci|sandbox)(?:[^a-z]|$)/],
];

/** What names say about an environment: by the words in them, then by the host. Development where nothing says. */
export function guessEnvironment(words: string, host: string): Environment {
  const text = words.toLowerCase();
  const found = signs.find(([, sign]) => sign.test(text));
  if (found !== undefined) return found[0];
  return isLocalHost(host) ? 'local' : 'development';
}

/** Whether a host is this machine: a socket's folder, or a loopback name or address. */
export function isLocalHost(host: string): boolean {
  return /^(?:[/@].*|localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}
