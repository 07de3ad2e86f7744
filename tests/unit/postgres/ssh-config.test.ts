import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { SshSettings } from '../../../electron/contract/connections.ts';
import { matchesPattern } from '../../../electron/postgres/ssh/host-pattern.ts';
import type { LocalUser } from '../../../electron/postgres/ssh/local-user.ts';
import { readSshConfig } from '../../../electron/postgres/ssh/ssh-config-file.ts';
import { type SshHostQuery, parseSshConfig, resolveSshHost } from '../../../electron/postgres/ssh/ssh-config.ts';
import { parseJumpHost, planSshRoute } from '../../../electron/postgres/ssh/ssh-route.ts';

const local: LocalUser = {
  name: 'ada',
  home: '/home/ada',
  uid: 1000,
  sshDirectory: '/home/ada/.ssh',
  systemSshDirectory: '/etc/ssh',
  environment: { SSH_AUTH_SOCK: '/run/agent', WORK_AGENT: '/run/work', KEYS: '/keys' },
  platform: 'linux',
};

function resolve(config: string, query: SshHostQuery | string, user: LocalUser = local) {
  return resolveSshHost(parseSshConfig(config, 'config'), typeof query === 'string' ? { host: query } : query, user);
}

function route(config: string, settings: Partial<SshSettings>): string[] {
  const full: SshSettings = { host: 'db', method: 'auto', jumpHosts: [], ...settings };
  return planSshRoute(full, parseSshConfig(config, 'config'), local).map(({ name }) => name);
}

describe('a host in the configuration', () => {
  it('is itself, where nothing is said about it', () => {
    expect(resolve('', 'db.example')).toEqual({
      hostName: 'db.example',
      port: 22,
      user: 'ada',
      identityFiles: undefined,
      identitiesOnly: false,
      agentSocket: '/run/agent',
      proxy: undefined,
      serverAliveIntervalMs: undefined,
      knownHostsFiles: undefined,
      hostKeyAlias: undefined,
    });
  });

  it('takes the first value of each keyword, and every IdentityFile', () => {
    const config = `
      # a comment
      Host db
        hostname = "db.example"
        Port 2222
        User bob # who
        IdentityFile ~/.ssh/db key
        IdentityFile "%d/%r@%h:%p"
        IdentitiesOnly yes
        ServerAliveInterval 2m
        HostKeyAlias database
        UserKnownHostsFile ~/a %d/b
      Host *
        Port 22
        IdentityFile \${KEYS}/all
        IdentitiesOnly no
        User nobody`;
    expect(resolve(config, 'db')).toEqual({
      hostName: 'db.example',
      port: 2222,
      user: 'bob',
      identityFiles: ['/home/ada/.ssh/db key', '/home/ada/bob@db.example:2222', '/keys/all'],
      identitiesOnly: true,
      agentSocket: '/run/agent',
      proxy: undefined,
      serverAliveIntervalMs: 120_000,
      knownHostsFiles: ['/home/ada/a', '/home/ada/b'],
      hostKeyAlias: 'database',
    });
    expect(resolve(config, 'other')).toMatchObject({ hostName: 'other', user: 'nobody', identityFiles: ['/keys/all'] });
  });

  it('gives way to what was asked for', () => {
    const config = 'Host db\n User bob\n Port 2222\n IdentityFile ~/%r-%p';
    expect(resolve(config, { host: 'db', user: 'carol', port: 23 })).toMatchObject({
      user: 'carol',
      port: 23,
      identityFiles: ['/home/ada/carol-23'],
    });
  });

  it('matches by patterns, unless one of them says no', () => {
    const config = 'Host *.example !secret.* db?\n  User bob';
    const users = ['a.example', 'secret.example', 'db1', 'db', 'db12', 'example'].map(
      (host) => resolve(config, host).user,
    );
    expect(users).toEqual(['bob', 'ada', 'bob', 'ada', 'ada', 'ada']);
  });

  it('puts the alias into HostName', () => {
    expect(resolve('Host *\n HostName %h.internal%%', 'db').hostName).toBe('db.internal%');
  });

  it.each([
    ['none', undefined],
    ['SSH_AUTH_SOCK', '/run/agent'],
    ['$WORK_AGENT', '/run/work'],
    ['$NOT_SET', undefined],
    ['~/Library/Group/agent.sock', '/home/ada/Library/Group/agent.sock'],
    ['"~/with space/agent"', '/home/ada/with space/agent'],
  ])('asks the agent that IdentityAgent %s names', (value, socket) => {
    expect(resolve(`IdentityAgent ${value}`, 'db').agentSocket).toBe(socket);
  });

  it('knows the agent of Windows', () => {
    const windows: LocalUser = { ...local, environment: {}, platform: 'win32' };
    expect(resolve('', 'db', windows).agentSocket).toBe('\\\\.\\pipe\\openssh-ssh-agent');
    expect(resolve('IdentityAgent pageant', 'db', windows).agentSocket).toBe('pageant');
  });

  it('has no key at all with IdentityFile none', () => {
    expect(resolve('IdentityFile none', 'db').identityFiles).toEqual([]);
  });

  it('follows Match by what is known, and never runs what it says', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'steward-match-'));
    const witness = path.join(folder, 'ran');
    const config = [
      `Match exec "touch ${witness}"`,
      '  User executed',
      `Match host db !exec "touch ${witness}"`,
      '  User executed',
      'Match canonical',
      '  User canonical',
      'Match originalhost db localuser ada',
      '  HostName db.example',
      'Match host *.example !user bob',
      '  Port 2222',
      'Match all',
      '  User everybody',
    ].join('\n');
    expect(resolve(config, 'db')).toMatchObject({ user: 'everybody', hostName: 'db.example', port: 2222 });
    expect(resolve(config, { host: 'db', user: 'bob' })).toMatchObject({ user: 'bob', port: 22 });
    await expect(rm(witness)).rejects.toThrow('ENOENT');
    await rm(folder, { recursive: true });
  });

  it('names the line that cannot be read', () => {
    expect(() => parseSshConfig('Host a\n\n  User "bob\n', '/x/config')).toThrow(
      'Line 3 of /x/config cannot be read: User "bob',
    );
    expect(parseSshConfig('RemoteCommand echo "it\nPort 1', '/x/config')).toEqual([{ keyword: 'port', values: ['1'] }]);
    expect(() => parseSshConfig('Host', '/x/config')).toThrow('Line 1 of /x/config cannot be read: Host');
    expect(() => resolve('Port http', 'db')).toThrow('The SSH configuration names the port http, which is none.');
  });
});

describe('included files', () => {
  it('count in their place and only where their section does', async () => {
    const home = await mkdtemp(path.join(os.tmpdir(), 'steward-include-'));
    const user: LocalUser = {
      ...local,
      home,
      sshDirectory: path.join(home, '.ssh'),
      systemSshDirectory: path.join(home, 'etc'),
    };
    await mkdir(path.join(user.sshDirectory, 'conf.d'), { recursive: true });
    await mkdir(user.systemSshDirectory);
    const write = (name: string, text: string) => writeFile(path.join(user.sshDirectory, name), text);
    await write(
      'config',
      'Include conf.d/* missing\nHost db\n  Include ~/.ssh/only-db\n  Port 2222\nHost *\n  User last\n',
    );
    await write('conf.d/1', 'Host one\n  User first\n');
    await write('conf.d/2', 'Host one two\n  User second\n');
    await write('only-db', 'Host *\n  HostName db.example\n');
    await writeFile(path.join(user.systemSshDirectory, 'ssh_config'), 'Port 2200\nUser system\n');
    const directives = await readSshConfig(user);
    const short = (host: string) => {
      const { user: name, hostName, port } = resolveSshHost(directives, { host }, user);
      return `${name}@${hostName}:${port}`;
    };
    expect(['one', 'two', 'db', 'x'].map(short)).toEqual([
      'first@one:2200',
      'second@two:2200',
      'last@db.example:2222',
      'last@x:2200',
    ]);
    await write('config', 'Include config');
    await expect(readSshConfig(user)).rejects.toThrow('is included more than 16 levels deep');
    await rm(home, { recursive: true });
    expect(await readSshConfig(user)).toEqual([{ keyword: 'match', values: ['all'] }]);
  });
});

describe('the way to a server', () => {
  const config = `
    Host db
      ProxyJump bob@door:2200,inner
    Host door
      HostName door.example
      ProxyJump outside
    Host tool
      ProxyCommand corkscrew %h %p
    Host free
      ProxyJump none`;

  it('follows ProxyJump, also that of the first jump host', () => {
    expect(route(config, {})).toEqual(['ada@outside:22', 'bob@door.example:2200', 'ada@inner:22', 'ada@db:22']);
    expect(route(config, { host: 'free' })).toEqual(['ada@free:22']);
  });

  it('takes the jump hosts of the settings instead', () => {
    expect(route(config, { jumpHosts: ['x@[::1]:2022', 'y'] })).toEqual(['x@[::1]:2022', 'ada@y:22', 'ada@db:22']);
    expect(route(config, { host: 'tool', jumpHosts: ['y'] })).toEqual(['ada@y:22', 'ada@tool:22']);
  });

  it('names a ProxyCommand, which it does not run', () => {
    expect(() => route(config, { host: 'tool' })).toThrow(
      '~/.ssh/config reaches tool with a ProxyCommand, which Steward does not run: corkscrew %h %p',
    );
    expect(() => route(config, { host: 'free', jumpHosts: ['tool'] })).toThrow('ProxyCommand');
  });

  it('takes whichever of ProxyJump and ProxyCommand comes first', () => {
    expect(route('ProxyJump door\nProxyCommand nc', { host: 'door' })).toEqual(['ada@door:22']);
    expect(route('Host db\n ProxyJump door\nHost *\n ProxyCommand none', {})).toEqual(['ada@door:22', 'ada@db:22']);
    expect(() => route('ProxyCommand nc\nProxyJump door', {})).toThrow('ProxyCommand');
  });

  it('does not send a jump host through itself', () => {
    expect(route('Host *\n  ProxyJump door', {})).toEqual(['ada@door:22', 'ada@db:22']);
  });

  it('ends where it would go in a circle, or through too many', () => {
    expect(() => route('Host db\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a', {})).toThrow(
      'The jump hosts go in a circle: ada@a:22 → ada@b:22 → ada@a:22 → ada@db:22.',
    );
    expect(() => route('', { jumpHosts: ['db'] })).toThrow('circle');
    const nine = Array.from({ length: 9 }, (_, n) => `j${n}`).join(',');
    expect(() => route(`Host db\n ProxyJump ${nine}`, {})).toThrow('There are more than 8 jump hosts');
  });

  it('offers a chosen key alone, also at a jump host without keys of its own', () => {
    const keys = (settings: Partial<SshSettings>, text = '') =>
      planSshRoute(
        { host: 'db', method: 'auto', jumpHosts: ['door'], ...settings },
        parseSshConfig(text, 'config'),
        local,
      ).map((hop) => ({ method: hop.method, ...hop.keys }));
    const chosen = { files: ['/home/ada/mine'], namedBy: 'settings', only: true };
    expect(keys({ method: 'key', keyFile: '~/mine' })).toEqual([
      { method: 'auto', ...chosen },
      { method: 'key', ...chosen },
    ]);
    expect(keys({ method: 'key', keyFile: '~/mine' }, 'Host door\n IdentityFile ~/door')[0]).toEqual({
      method: 'auto',
      files: ['/home/ada/door'],
      namedBy: 'config',
      only: true,
    });
    expect(keys({})[1]).toEqual({
      method: 'auto',
      files: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => `/home/ada/.ssh/${name}`),
      namedBy: 'default',
      only: false,
    });
    expect(keys({ method: 'password' }).map(({ method }) => method)).toEqual(['password', 'password']);
  });
});

it.each([
  ['door', { host: 'door' }],
  ['bob@door:2200', { host: 'door', user: 'bob', port: 2200 }],
  ['bob@corp@door', { host: 'door', user: 'bob@corp' }],
  ['ssh://bob@door:22/', { host: 'door', user: 'bob', port: 22 }],
  ['[::1]:2200', { host: '::1', port: 2200 }],
  ['bob@fe80::1%eth0', { host: 'fe80::1%eth0', user: 'bob' }],
])('reads the jump host %s', (text, expected) => {
  expect(parseJumpHost(text)).toEqual({ user: undefined, port: undefined, ...expected });
});

it.each(['', '@door', 'door:', 'door:x', 'door:0', 'door:70000', '[::1', 'a b', 'a:b:c'])(
  'refuses the jump host “%s”',
  (text) => {
    expect(() => parseJumpHost(text)).toThrow(`“${text}” is no jump host.`);
  },
);

it('matches a nasty pattern in no time', () => {
  const began = performance.now();
  expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(2000);
});
