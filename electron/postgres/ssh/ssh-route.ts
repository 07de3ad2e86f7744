import { isIPv6 } from 'node:net';
import path from 'node:path';

import type { SshSettings } from '#contract/connections.ts';

import { StewardError } from '../failure.ts';
import type { HostName } from './known-hosts.ts';
import type { LocalUser } from './local-user.ts';
import { type SshDirective, type SshHostConfig, type SshHostQuery, expandHome, resolveSshHost } from './ssh-config.ts';

/** One SSH server on the way, with all that is needed to log in there. */
export interface SshHop {
  /** `user@host:port`: what failures and questions name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The name that its key is filed under. */
  readonly hostKeyName: HostName;
  readonly method: SshSettings['method'];
  readonly keys: SshHopKeys;
  readonly agentSocket: string | undefined;
  readonly serverAliveIntervalMs: number | undefined;
  readonly knownHostsFiles: readonly string[] | undefined;
}

export interface SshHopKeys {
  readonly files: readonly string[];
  /** Who named the files: a file that a person has chosen must be there and usable; default ones may be missing. */
  readonly namedBy: 'settings' | 'config' | 'default';
  /** Nothing else that the agent holds is offered. */
  readonly only: boolean;
}

const maximumJumps = 8;

/** OpenSSH's order, without the types that ssh2 does not know. */
const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

/**
 * The servers to go through, the last one being that of the settings. As with `ssh -J`, jump hosts of the settings
 * replace those of the configuration, and the first of them may have jump hosts of its own there.
 * Throws `bad_input` for a loop, for more than eight jump hosts, and where the configuration wants a ProxyCommand.
 */
export function planSshRoute(settings: SshSettings, config: readonly SshDirective[], local: LocalUser): SshHop[] {
  const target = resolve({ host: settings.host, user: settings.user, port: settings.port });
  const route = [{ ...target, hop: hopOf(target.found, settings, 'target', local) }];
  let jumps = settings.jumpHosts.length > 0 ? settings.jumpHosts.map(parseJumpHost) : jumpsBefore(target);
  while (jumps.length > 0) {
    const before = jumps.map((jump) => {
      const resolved = resolve(jump);
      return { ...resolved, hop: hopOf(resolved.found, settings, 'jump', local) };
    });
    route.unshift(...before);
    const names = route.map(({ hop }) => hop.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw StewardError.of('bad_input', `The jump hosts go in a circle: ${names.join(' → ')}.`, {
        hint: `Look where ${twice} is named a second time: in the jump hosts here, or as ProxyJump in ~/.ssh/config.`,
      });
    }
    if (route.length - 1 > maximumJumps) {
      throw StewardError.of('bad_input', `There are more than ${maximumJumps} jump hosts: ${names.join(' → ')}.`);
    }
    const first = route[0];
    jumps = first === undefined ? [] : jumpsBefore(first);
  }
  return route.map(({ hop }) => hop);

  function resolve(query: SshHostQuery): { query: SshHostQuery; found: SshHostConfig } {
    return { query, found: resolveSshHost(config, query, local) };
  }

  function jumpsBefore({ query, found }: { query: SshHostQuery; found: SshHostConfig }): SshHostQuery[] {
    if (found.proxy === undefined) return [];
    if (found.proxy.kind === 'command') throw proxyCommand(query.host, found.proxy.command);
    const jumps = found.proxy.hosts.map(parseJumpHost);
    // `Host *` with a ProxyJump is meant for all hosts but the jump host itself.
    const itself = hopName(found);
    return jumps.some((jump) => hopName(resolve(jump).found) === itself) ? [] : jumps;
  }
}

function hopOf(found: SshHostConfig, settings: SshSettings, role: 'target' | 'jump', local: LocalUser): SshHop {
  return {
    name: hopName(found),
    host: found.hostName,
    port: found.port,
    user: found.user,
    // OpenSSH files an alias without a port.
    hostKeyName: found.hostKeyAlias
      ? { host: found.hostKeyAlias, port: 22 }
      : { host: found.hostName, port: found.port },
    method: role === 'target' ? settings.method : jumpMethod(found, settings),
    keys: keysOf(found, settings, role, local),
    agentSocket: found.agentSocket,
    serverAliveIntervalMs: found.serverAliveIntervalMs,
    knownHostsFiles: found.knownHostsFiles,
  };
}

function hopName({ user, hostName, port }: SshHostConfig): string {
  return `${user}@${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`;
}

/** What was chosen is chosen for the target. A jump host takes what its own section says, and else whatever works. */
function jumpMethod(found: SshHostConfig, settings: SshSettings): SshSettings['method'] {
  return settings.method === 'password' && found.identityFiles === undefined ? 'password' : 'auto';
}

/** A chosen key file is the only one offered; at a jump host those of its own section go before it. */
function keysOf(found: SshHostConfig, settings: SshSettings, role: 'target' | 'jump', local: LocalUser): SshHopKeys {
  const ofConfig: SshHopKeys | undefined = found.identityFiles && {
    files: found.identityFiles,
    namedBy: 'config',
    only: found.identitiesOnly,
  };
  const chosen: SshHopKeys | undefined = settings.keyFile
    ? { files: [path.resolve(local.home, expandHome(settings.keyFile, local))], namedBy: 'settings', only: true }
    : undefined;
  if (role === 'jump' && chosen && ofConfig) return { ...ofConfig, only: true };
  return (
    chosen ??
    ofConfig ?? {
      files: defaultKeys.map((name) => path.join(local.sshDirectory, name)),
      namedBy: 'default',
      only: found.identitiesOnly,
    }
  );
}

/** `[user@]host[:port]`, also as `ssh://…`; an address with colons stands in brackets, or alone. */
export function parseJumpHost(text: string): SshHostQuery {
  const bare = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at > 0 ? bare.slice(0, at) : undefined;
  const rest = bare.slice(at + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(rest);
  const plain = /^([^:[\]\s]+)(?::(\d+))?$/.exec(rest);
  const address = isIPv6(rest) ? rest : undefined;
  const [host, port] = bracketed ? [bracketed[1], bracketed[2]] : plain ? [plain[1], plain[2]] : [address, undefined];
  const number = port === undefined ? undefined : Number(port);
  if (host === undefined || at === 0 || (number !== undefined && (number < 1 || number > 65_535))) {
    throw StewardError.of('bad_input', `“${text}” is no jump host.`, {
      hint: 'Write [user@]host[:port]; an IPv6 address in brackets: ada@[::1]:22.',
    });
  }
  return { host, user, port: number };
}

function proxyCommand(host: string, command: string): StewardError {
  return StewardError.of(
    'bad_input',
    `~/.ssh/config reaches ${host} with a ProxyCommand, which Steward does not run: ${command}`,
    { hint: 'Name the way as ProxyJump in ~/.ssh/config, or give the jump hosts here.' },
  );
}
