import os from 'node:os';
import path from 'node:path';

/** Whose SSH set-up is read. A plain value, so that tests have one of their own. */
export interface LocalUser {
  readonly name: string;
  readonly home: string;
  /** Absent on Windows. */
  readonly uid?: number | undefined;
  /** `~/.ssh`: configuration, keys and known hosts. */
  readonly sshDirectory: string;
  /** Read after the user's own files. */
  readonly systemSshDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** The user that this process runs as. */
export function currentLocalUser(): LocalUser {
  const home = os.homedir();
  const environment = process.env;
  return {
    name: userName(environment),
    home,
    uid: process.getuid?.(),
    sshDirectory: path.join(home, '.ssh'),
    systemSshDirectory:
      process.platform === 'win32' ? path.join(environment['PROGRAMDATA'] ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh',
    environment,
    platform: process.platform,
  };
}

function userName(environment: NodeJS.ProcessEnv): string {
  try {
    return os.userInfo().username;
  } catch {
    // A user id without an entry in the system's list of users, as in some containers.
    return environment['USER'] ?? environment['USERNAME'] ?? '';
  }
}
