import path from 'node:path';

import { LineType, parse } from 'ssh-config';

import { StewardError } from '../failure.ts';
import { matchesPatterns } from './host-pattern.ts';
import type { LocalUser } from './local-user.ts';

/** One line of an SSH configuration file. */
export interface SshDirective {
  /** Lower-cased, since keywords know no case. */
  readonly keyword: string;
  readonly values: readonly string[];
  /** What an `Include` named, file by file. */
  readonly included?: readonly (readonly SshDirective[])[];
}

/** What the configuration says about one host. */
export interface SshHostConfig {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Full paths in order; undefined where the configuration names none, so that the default keys are tried. */
  readonly identityFiles: readonly string[] | undefined;
  readonly identitiesOnly: boolean;
  /** Socket of the agent; undefined where there is none, or none is wanted. */
  readonly agentSocket: string | undefined;
  /** Jump hosts, or a command that would make the connection; whichever the configuration says first. */
  readonly proxy: SshProxy | undefined;
  readonly serverAliveIntervalMs: number | undefined;
  /** Instead of the user's own known-hosts files. */
  readonly knownHostsFiles: readonly string[] | undefined;
  /** The name under which its key is on file. */
  readonly hostKeyAlias: string | undefined;
}

export type SshProxy =
  | { readonly kind: 'jump'; readonly hosts: readonly string[] }
  | { readonly kind: 'command'; readonly command: string };

/** A host as it was given, before the configuration is asked. */
export interface SshHostQuery {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** All that is used here. */
const keywords = new Set([
  'host',
  'match',
  'include',
  'hostname',
  'port',
  'user',
  'identityfile',
  'identitiesonly',
  'identityagent',
  'proxyjump',
  'proxycommand',
  'serveraliveinterval',
  'userknownhostsfile',
  'hostkeyalias',
]);

/**
 * The directives of a configuration file, in order. Lines are lexed one by one, so that a failure can name the line;
 * the library's `compute()` is not used, since it runs what `Match exec` says, and nslookup.
 * Other keywords are left out. Throws `bad_input` for a line that cannot be read.
 */
export function parseSshConfig(text: string, file: string): SshDirective[] {
  const directives: SshDirective[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    try {
      for (const node of parse(trimmed)) {
        if (node.type !== LineType.DIRECTIVE) continue;
        const values = typeof node.value === 'string' ? [node.value] : node.value.map(({ val }) => val);
        if (values.every((value) => value === '')) throw new Error('it has no value');
        const keyword = node.param.toLowerCase();
        if (keywords.has(keyword)) directives.push({ keyword, values });
      }
    } catch (error) {
      // What ssh takes and the library does not, in a line that nothing here depends on.
      if (!keywords.has(/^\w+/.exec(trimmed)?.[0].toLowerCase() ?? '')) continue;
      throw StewardError.of('bad_input', `Line ${index + 1} of ${file} cannot be read: ${trimmed.slice(0, 200)}`, {
        hint: 'Correct the line.',
        cause: error,
      });
    }
  }
  return directives;
}

/**
 * What ssh would use for a host: the first value of each keyword in the sections that match, except IdentityFile, of
 * which all count. What the query says goes first. https://man.openbsd.org/ssh_config
 */
export function resolveSshHost(
  directives: readonly SshDirective[],
  query: SshHostQuery,
  local: LocalUser,
): SshHostConfig {
  const found = collect(directives, query, local);
  const first = (keyword: string) => found.values.get(keyword)?.[0];
  const hostName = replaceTokens(first('hostname') ?? query.host, { h: query.host });
  const port = query.port ?? portOf(first('port')) ?? 22;
  const user = query.user || first('user') || local.name;
  const hostKeyAlias = first('hostkeyalias');
  const tokens: Tokens = {
    d: local.home,
    h: hostName,
    i: String(local.uid ?? ''),
    k: hostKeyAlias ?? query.host,
    n: query.host,
    p: String(port),
    r: user,
    u: local.name,
  };
  const file = (name: string) => expandFile(name, tokens, local);
  return {
    hostName,
    port,
    user,
    identityFiles: found.identityFiles && found.identityFiles.filter((name) => name.toLowerCase() !== 'none').map(file),
    identitiesOnly: isYes(first('identitiesonly')),
    agentSocket: agentSocket(first('identityagent'), file, local),
    proxy: found.proxy ? expandProxy(found.proxy, tokens) : undefined,
    serverAliveIntervalMs: durationMs(first('serveraliveinterval')),
    knownHostsFiles: found.values
      .get('userknownhostsfile')
      ?.filter((name) => name.toLowerCase() !== 'none')
      .map(file),
    hostKeyAlias,
  };
}

interface Collected {
  readonly values: Map<string, readonly string[]>;
  identityFiles: string[] | undefined;
  /** Undefined until one of the two keywords was seen; null for `none`. */
  proxy: SshProxy | null | undefined;
}

function collect(directives: readonly SshDirective[], query: SshHostQuery, local: LocalUser): Collected {
  const collected: Collected = { values: new Map(), identityFiles: undefined, proxy: undefined };
  walk(directives, true);
  return collected;

  /** A section inside an included file counts only where the section that includes it does. */
  function walk(lines: readonly SshDirective[], outer: boolean): void {
    let active = outer;
    for (const line of lines) {
      if (line.keyword === 'host') active = outer && matchesPatterns(line.values, query.host);
      else if (line.keyword === 'match') active = outer && matchApplies(line.values, query, collected, local);
      else if (line.keyword === 'include') for (const file of line.included ?? []) walk(file, active);
      else if (active) take(line);
    }
  }

  function take({ keyword, values }: SshDirective): void {
    const value = values.join(' ');
    if (keyword === 'identityfile') {
      (collected.identityFiles ??= []).push(value);
    } else if (keyword === 'proxyjump' || keyword === 'proxycommand') {
      if (collected.proxy === undefined) collected.proxy = proxyOf(keyword, value);
    } else if (!collected.values.has(keyword)) {
      collected.values.set(keyword, values);
    }
  }
}

function proxyOf(keyword: 'proxyjump' | 'proxycommand', value: string): SshProxy | null {
  if (value.toLowerCase() === 'none') return null;
  if (keyword === 'proxycommand') return { kind: 'command', command: value };
  return {
    kind: 'jump',
    hosts: value
      .split(',')
      .map((host) => host.trim())
      .filter(Boolean),
  };
}

/**
 * Only what can be known without running anything: `Match exec` is never executed, since reading a file must not
 * start programs. A section with a criterion that is not known here does not apply.
 */
function matchApplies(words: readonly string[], query: SshHostQuery, { values }: Collected, local: LocalUser): boolean {
  for (let i = 0; i < words.length; i += 1) {
    const word = (words[i] ?? '').toLowerCase();
    const negated = word.startsWith('!');
    const criterion = negated ? word.slice(1) : word;
    if (criterion === 'all') {
      if (negated) return false;
      continue;
    }
    const subject = subjectOf(criterion);
    if (subject === undefined) return false;
    i += 1;
    if (matchesPatterns((words[i] ?? '').split(','), subject) === negated) return false;
  }
  return true;

  function subjectOf(criterion: string): string | undefined {
    if (criterion === 'originalhost') return query.host;
    if (criterion === 'host') return replaceTokens(values.get('hostname')?.[0] ?? query.host, { h: query.host });
    if (criterion === 'user') return query.user || values.get('user')?.[0] || local.name;
    if (criterion === 'localuser') return local.name;
    return undefined;
  }
}

type Tokens = Readonly<Record<string, string>>;

function replaceTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? whole)));
}

function replaceVariables(text: string, environment: LocalUser['environment']): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => environment[name] ?? whole);
}

/** `~`, `${VARIABLE}` and the tokens; what is not a full path is meant from home. */
function expandFile(name: string, tokens: Tokens, local: LocalUser): string {
  return path.resolve(local.home, expandHome(replaceTokens(replaceVariables(name, local.environment), tokens), local));
}

/** `~` and `~/…`. */
export function expandHome(name: string, { home }: LocalUser): string {
  return name === '~' || name.startsWith('~/') || name.startsWith('~\\') ? path.join(home, name.slice(1)) : name;
}

function expandProxy(proxy: SshProxy, tokens: Tokens): SshProxy {
  if (proxy.kind === 'command') return proxy;
  return { kind: 'jump', hosts: proxy.hosts.map((host) => replaceTokens(host, tokens)) };
}

function agentSocket(value: string | undefined, file: (name: string) => string, local: LocalUser): string | undefined {
  if (value?.toLowerCase() === 'none') return undefined;
  if (value === undefined || value === 'SSH_AUTH_SOCK') {
    return local.environment['SSH_AUTH_SOCK'] || (local.platform === 'win32' ? windowsAgentPipe : undefined);
  }
  if (/^\$\w/.test(value)) return local.environment[value.slice(1)] || undefined;
  // A named pipe is not a path below home, nor is `pageant`.
  return local.platform === 'win32' && (value === 'pageant' || value.startsWith('\\\\')) ? value : file(value);
}

/** Where OpenSSH's agent listens on Windows. */
export const windowsAgentPipe = '\\\\.\\pipe\\openssh-ssh-agent';

function isYes(value: string | undefined): boolean {
  return value !== undefined && ['yes', 'true'].includes(value.toLowerCase());
}

function portOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw StewardError.of('bad_input', `The SSH configuration names the port ${value}, which is none.`);
}

/** Seconds, or with a unit as in `1m`. 0 and what is not understood is nothing. */
function durationMs(value: string | undefined): number | undefined {
  const [, amount, unit = 's'] = /^(\d+)([smh]?)$/i.exec(value ?? '') ?? [];
  const seconds = Number(amount ?? 0) * ({ m: 60, h: 3600 }[unit.toLowerCase()] ?? 1);
  return seconds > 0 ? seconds * 1000 : undefined;
}
