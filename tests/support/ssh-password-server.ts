import { connect } from 'node:net';

import ssh2, { type AuthContext, type Connection } from 'ssh2';

/** What a client has sent to log in. */
export interface SshLoginAttempt {
  readonly method: string;
  readonly user: string;
  /** The password, or the answers to the questions. */
  readonly secrets: readonly string[];
}

/**
 * An SSH server of ssh2's own, for passwords: sshd takes them only from the system's users, and a test makes none.
 * It forwards to wherever it is asked to.
 */
export interface TestPasswordServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly attempts: SshLoginAttempt[];
  password: string;
}

export interface PasswordServerOptions {
  readonly password: string;
  readonly methods?: readonly ('password' | 'keyboard-interactive' | 'publickey')[];
  /** What it asks in keyboard-interactive. */
  readonly prompts?: readonly { prompt: string; echo: boolean }[];
  /** What it asks after that, made of the answers; it lets nobody in then. */
  readonly nextPrompt?: (answers: readonly string[]) => string;
}

/** Starts one on a free loopback port, with a new host key. */
export async function startPasswordServer(options: PasswordServerOptions): Promise<TestPasswordServer> {
  const methods = [...(options.methods ?? ['password'])];
  const attempts: SshLoginAttempt[] = [];
  const connections = new Set<Connection>();
  const server = new ssh2.Server(
    // Not ed25519: ssh2 writes a key that it cannot read for one in 256 of them, those whose public part begins with 0.
    { hostKeys: [ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).private] },
    (connection: Connection) => {
      connections.add(connection);
      connection.on('error', () => {});
      connection.on('close', () => connections.delete(connection));
      connection.on('authentication', authenticate);
      connection.on('ready', () => {
        connection.on('tcpip', (accept, _reject, { destIP, destPort }) => {
          const channel = accept();
          const socket = connect(destPort, destIP);
          socket.on('error', () => channel.close());
          channel.on('error', () => {});
          socket.pipe(channel).pipe(socket);
        });
      });
    },
  );
  const self: TestPasswordServer = {
    host: '127.0.0.1',
    port: 0,
    attempts,
    password: options.password,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(self, { port: address.port });

  function authenticate(context: AuthContext): void {
    const note = (secrets: readonly string[]) =>
      attempts.push({ method: context.method, user: context.username, secrets });
    const decide = (accepted: boolean) => {
      if (accepted) context.accept();
      else context.reject(methods);
    };
    if (context.method === 'password') {
      note([context.password]);
      decide(methods.includes('password') && context.password === self.password);
    } else if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive')) {
      context.prompt([...(options.prompts ?? [{ prompt: 'Password: ', echo: false }])], (answers) => {
        note(answers);
        if (options.nextPrompt) {
          context.prompt([{ prompt: options.nextPrompt(answers), echo: false }], (more) => {
            note(more);
            decide(false);
          });
        } else {
          decide(answers[0] === self.password);
        }
      });
    } else {
      note([]);
      decide(false);
    }
  }
}
