import type { ImportSource } from '#contract/connections.ts';

/** Guesses what a text is, so that nobody has to say: a file of pgAdmin, DBeaver or Steward, of libpq, or URLs. */
export function detectSource(text: string): ImportSource {
  const start = text.slice(0, 20_000);
  if (/^\uFEFF?\s*[{[]\s*(?:["}\]{]|$)/.test(start)) {
    if (/"Servers"\s*:/.test(start)) return 'pgadmin';
    return /"format"\s*:\s*"steward-/.test(start) ? 'steward' : 'dbeaver';
  }
  if (/^\s*\[[^\]\n]+\]/m.test(start)) return 'service';
  if (/^\s*(?:export\s+)?[A-Z_][A-Z0-9_]*=/m.test(start)) return 'environment';
  if (/^\s*(?:postgres(?:ql)?:\/\/|[a-z_]+\s*=)/m.test(start)) return 'urls';
  return /^(?:[^:\n#\\]|\\.)*:(?:\d+|\*):(?:[^:\n\\]|\\.)*:(?:[^:\n\\]|\\.)*:/m.test(start) ? 'pgpass' : 'urls';
}

/** What a source is called where its candidates are shown. */
export const sourceWords: Readonly<Record<ImportSource, string>> = {
  pgpass: 'a password file',
  service: 'a service file',
  environment: 'the environment',
  urls: 'URLs',
  pgadmin: 'pgAdmin',
  dbeaver: 'DBeaver',
  steward: 'Steward',
};
