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
  /** Said to a client that is refused, before the connection is closed. */
  farewell: string | undefined;
}

export interface PasswordServerOptions {
  readonly password: string;
  readonly methods?: readonly ('password' | 'keyboard-interactive' | 'publickey')[];
  /** What it asks in keyboard-interactive. */
  readonly prompts?: readonly { prompt: string; echo: boolean }[];
}

/** Starts one on a free loopback port, with a new host key. */
export async function startPasswordServer(options: PasswordServerOptions): Promise<TestPasswordServer> {
  const methods = [...(options.methods ?? ['password'])];
  const attempts: SshLoginAttempt[] = [];
  const connections = new Set<Connection>();
  const server = new ssh2.Server(
    { hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private] },
    (connection: Connection) => {
      connections.add(connection);
      connection.on('error', () => {});
      connection.on('close', () => connections.delete(connection));
      connection.on('authentication', (context: AuthContext) => authenticate(context, connection));
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
    farewell: undefined,
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
  return Object.assign(self, { port: server.address().port });

  function authenticate(context: AuthContext, connection: Connection): void {
    const note = (secrets: readonly string[]) =>
      attempts.push({ method: context.method, user: context.username, secrets });
    const decide = (accepted: boolean) => {
      if (accepted) context.accept();
      else context.reject(methods);
    };
    if (context.method === 'password') {
      note([context.password]);
      decide(methods.includes('password') && context.password === self.password);
      if (self.farewell !== undefined && context.password !== self.password) disconnect(connection, self.farewell);
    } else if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive')) {
      context.prompt([...(options.prompts ?? [{ prompt: 'Password: ', echo: false }])], (answers) => {
        note(answers);
        decide(answers[0] === self.password);
      });
    } else {
      note([]);
      decide(false);
    }
  }
}

/** With words of its own, which ssh2's server has no function for. */
function disconnect(connection: Connection, words: string): void {
  const { _protocol: protocol } = connection as unknown as {
    _protocol: { _packetRW: { write: PacketWriter }; _cipher: { encrypt(packet: Buffer): void } };
  };
  const text = Buffer.from(words);
  const packet = protocol._packetRW.write.alloc(1 + 4 + 4 + text.length + 4);
  let at = protocol._packetRW.write.allocStart;
  // SSH_MSG_DISCONNECT, SSH_DISCONNECT_BY_SERVER's neighbour "no more auth methods available": RFC 4253, 11.1.
  at = packet.writeUInt8(1, at);
  at = packet.writeUInt32BE(14, at);
  at = packet.writeUInt32BE(text.length, at);
  at += text.copy(packet, at);
  packet.writeUInt32BE(0, at);
  protocol._cipher.encrypt(protocol._packetRW.write.finalize(packet));
}

interface PacketWriter {
  readonly allocStart: number;
  alloc(size: number): Buffer;
  finalize(packet: Buffer): Buffer;
}
