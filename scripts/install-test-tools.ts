import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const tools = [
  {
    name: 'a PostgreSQL 15 server and client',
    needed: ['contract', 'integration', 'security', 'desktop', 'e2e'],
    packages: ['postgresql-15', 'postgresql-client-15'],
    there: () => existsSync('/usr/lib/postgresql/15/bin/initdb') && existsSync('/usr/lib/postgresql/15/bin/pg_dump'),
  },
  {
    name: 'an OpenSSH server and agent',
    needed: ['integration', 'security'],
    packages: ['openssh-server', 'openssh-client'],
    there: () => existsSync('/usr/sbin/sshd') && existsSync('/usr/bin/ssh-agent'),
  },
  {
    name: 'PgBouncer',
    needed: ['integration'],
    packages: ['pgbouncer'],
    there: () => existsSync('/usr/sbin/pgbouncer'),
  },
  {
    name: 'Chromium',
    needed: ['e2e'],
    packages: ['chromium'],
    there: () =>
      Boolean(process.env['STEWARD_CHROMIUM']) || existsSync('/usr/bin/chromium') || process.platform !== 'linux',
  },
] as const;

/** Installs what the tests need and this machine lacks: on Debian as root. Elsewhere says in one line what is missing. */
export function installTestTools(kinds: readonly string[]): void {
  const missing = tools.filter((tool) => tool.needed.some((kind) => kinds.includes(kind)) && !tool.there());
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.name).join(' and ');
  const packages = missing.flatMap((tool) => tool.packages);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`The tests need ${names} (Debian: apt-get install ${packages.join(' ')}).\n`);
    process.exit(2);
  }
  process.stderr.write(`Installing ${packages.join(', ')}…\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  const install = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  });
  if (update.status !== 0 || install.status !== 0) {
    process.stderr.write(`${names} could not be installed.\n`);
    process.exit(2);
  }
}
