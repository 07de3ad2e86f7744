import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { keychainRefusal } from '../../electron/services/secrets/index.ts';
import { type TestApp, draftFor, startApp, temporaryFolder, transports } from '../support/app.ts';
import { steward } from '../support/cli.ts';
import { startHostProcess } from '../support/host-process.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

const passphrase = 'four words and more';
const another = 'another five words, and more';
const needsUnlock = { data: { code: 'needs_answer', question: { kind: 'unlock' }, retryable: true } };
const wrong = { data: { code: 'auth_failed', message: 'The passphrase is wrong' } };

let server: TestServer;
let folder: string;
let file: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  folder = await temporaryFolder();
  file = path.join(folder, 'secrets.sealed');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The app on the same data folder, as after a restart. */
async function inApp<Value>(work: (app: TestApp) => Promise<Value>, options: Parameters<typeof startApp>[0] = {}) {
  await using app = await startApp({ ...options, dataDirectory: folder });
  return await work(app);
}

describe.each(transports)('over %s', (transport) => {
  it('a remembered password is there after a restart, for who has the passphrase', async () => {
    const id = await inApp(
      async ({ client }) => {
        expect(await client.secrets.createPassphrase({ passphrase })).toMatchObject({
          level: 'passphrase',
          locked: false,
        });
        const saved = await client.connections.save(draftFor(server, { rememberPassword: true }));
        expect(saved.password).toBe('stored');
        return saved.id;
      },
      { transport },
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.includes('.tmp'))).toEqual([]);

    await inApp(
      async ({ client, services }) => {
        expect(await client.secrets.state()).toMatchObject({ level: 'passphrase', locked: true });
        expect((await client.settings.status()).secrets).toBe('a file that your passphrase opens; locked');
        expect(services.settings.problems.value).toEqual([]);
        expect((await client.connections.list()).map(({ password }) => password)).toEqual(['stored']);
        await expect(client.connections.open({ id })).rejects.toMatchObject(needsUnlock);
        await expect(client.secrets.unlock({ passphrase: `${passphrase}!` })).rejects.toMatchObject(wrong);
        expect(await client.secrets.unlock({ passphrase })).toMatchObject({ locked: false });
        expect((await client.settings.status()).secrets).toBe('a file that your passphrase opens; unlocked');
        expect((await client.connections.open({ id })).state.kind).toBe('open');
        // What is open stays open; the next session needs the passphrase again.
        await client.secrets.lock();
        expect((await client.connections.list())[0]?.state.kind).toBe('open');
        await client.connections.close({ id });
        await expect(client.connections.open({ id })).rejects.toMatchObject(needsUnlock);
      },
      { transport },
    );
  });

  it('a changed passphrase is the only one that opens the file', async () => {
    await inApp(
      async ({ client, services }) => {
        await client.secrets.createPassphrase({ passphrase });
        await services.secrets.write('a name', 'a secret');
        const change = { oldPassphrase: another, newPassphrase: another };
        await expect(client.secrets.changePassphrase(change)).rejects.toMatchObject(wrong);
        await client.secrets.changePassphrase({ ...change, oldPassphrase: passphrase });
      },
      { transport },
    );
    await inApp(
      async ({ client, services }) => {
        await expect(client.secrets.unlock({ passphrase })).rejects.toMatchObject(wrong);
        await client.secrets.unlock({ passphrase: another });
        expect(await services.secrets.read('a name')).toBe('a secret');
      },
      { transport },
    );
  });

  it('a damaged file is told of, left alone, and kept aside on command', async () => {
    await inApp(async ({ client }) => client.secrets.createPassphrase({ passphrase }), { transport });
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(300) ^ 1, 300);
    await writeFile(file, bytes);
    await inApp(
      async ({ client }) => {
        expect(await client.secrets.state()).toMatchObject({
          level: 'session',
          damage: expect.stringContaining('The secrets file is damaged'),
        });
        await expect(client.secrets.unlock({ passphrase })).rejects.toMatchObject({
          data: { code: 'input_output', message: expect.stringContaining('The secrets file is damaged') },
        });
        await expect(client.secrets.createPassphrase({ passphrase })).rejects.toMatchObject({
          data: { code: 'conflict' },
        });
        // Steward works on, with passwords in memory.
        const { id } = await client.connections.save(draftFor(server, { rememberPassword: true }));
        expect((await client.connections.open({ id })).state.kind).toBe('open');
        expect(await readFile(file)).toEqual(bytes);
        const { file: aside, state } = await client.secrets.keepDamagedAside();
        expect(state).toMatchObject({ level: 'session', fileExists: false, damage: null });
        expect(await readFile(aside)).toEqual(bytes);
        expect(await client.secrets.createPassphrase({ passphrase: another })).toMatchObject({ level: 'passphrase' });
      },
      { transport },
    );
  });
});

describe('writing', () => {
  it('that fails leaves the file and what is in memory as they were', async () => {
    await inApp(async ({ client, services }) => {
      await client.secrets.createPassphrase({ passphrase });
      await services.secrets.write('first', 'one');
      const before = await readFile(file);
      // Where there is a folder of the same name a file cannot be renamed to it, whoever runs the test.
      await rm(file);
      await mkdir(file);
      await writeFile(path.join(file, 'in the way'), '');
      await expect(services.secrets.write('second', 'two')).rejects.toThrow();
      await expect(
        client.secrets.changePassphrase({ oldPassphrase: passphrase, newPassphrase: another }),
      ).rejects.toThrow();
      expect((await readdir(folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
      await rm(file, { recursive: true });
      await writeFile(file, before);
      expect(services.secrets.names()).toEqual(['first']);
      await services.secrets.write('third', 'three');
      expect(services.secrets.names()).toEqual(['first', 'third']);
    });
    await inApp(async ({ client }) => client.secrets.unlock({ passphrase }));
  });

  it('many at once loses none, whatever else goes on', async () => {
    await inApp(async ({ client, services }) => {
      await client.secrets.createPassphrase({ passphrase });
      const names = Array.from({ length: 40 }, (_, index) => `name ${index}`);
      await Promise.all([
        ...names.map((name) => services.secrets.write(name, `secret of ${name}`)),
        client.secrets.changePassphrase({ oldPassphrase: passphrase, newPassphrase: another }),
      ]);
      await client.secrets.lock();
      await client.secrets.unlock({ passphrase: another });
      expect(services.secrets.names()?.toSorted()).toEqual(names.toSorted());
    });
  });

  it('makes a file that others could read its owner’s alone', async () => {
    await inApp(async ({ client }) => client.secrets.createPassphrase({ passphrase }));
    await chmod(file, 0o644);
    await inApp(async () => expect((await stat(file)).mode & 0o777).toBe(0o600));
  });
});

it('Electron’s basic_text is no keychain: the passphrase is, and the reason is told', async () => {
  const refusal = keychainRefusal('basic_text', true, 'linux') ?? '';
  await inApp(
    async ({ client }) => {
      expect(await client.secrets.state()).toMatchObject({ level: 'session', keychainProblem: refusal });
      expect(await client.secrets.createPassphrase({ passphrase })).toMatchObject({
        level: 'passphrase',
        keychainProblem: refusal,
      });
    },
    { keychainRefusal: refusal },
  );
});

it('the work of a passphrase does not hold up anybody else', async () => {
  await inApp(async ({ client }) => {
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await client.secrets.createPassphrase({ passphrase });
    clearInterval(beat);
    expect(longest).toBeLessThan(150);
  });
});

describe('the hosts', () => {
  let name: string;

  beforeEach(async () => {
    name = 'remembered';
    await inApp(async ({ client }) => {
      await client.secrets.createPassphrase({ passphrase });
      await client.connections.save(draftFor(server, { name, rememberPassword: true }));
    });
  });

  const query = (args: readonly string[], environment: Record<string, string> = {}) =>
    steward(['query', name, '-c', 'select 1 as one', ...args], {
      environment: { STEWARD_DATA_DIR: folder, PGPASSFILE: '/nowhere', ...environment },
    });

  it('the command line ends with 4 when the password is locked, and says how to give it', async () => {
    expect(await query([])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/remembered.*locked[\s\S]*STEWARD_PASSPHRASE.*--passphrase-file/),
    });
  });

  it('the command line takes the passphrase from a variable or a file, never from its arguments', async () => {
    const secret = path.join(folder, 'passphrase');
    await writeFile(secret, `${passphrase}\nsecond line\n`, { mode: 0o600 });
    const done = { code: 0, stdout: expect.stringContaining('one') };
    expect(await query([], { STEWARD_PASSPHRASE: passphrase })).toMatchObject(done);
    expect(await query(['--passphrase', 'env:OF_TEST'], { OF_TEST: passphrase })).toMatchObject(done);
    expect(await query(['--passphrase-file', secret])).toMatchObject(done);
    expect(await query(['--password', 'env:OF_TEST'], { OF_TEST: server.password })).toMatchObject(done);

    expect(await query([], { STEWARD_PASSPHRASE: 'a wrong one' })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('The passphrase is wrong'),
    });
    const literal = await query(['--passphrase', passphrase]);
    expect(literal).toMatchObject({ code: 2, stderr: expect.stringContaining('env:NAME') });
    expect(literal.stderr).not.toContain(passphrase);
    expect(await query(['--passphrase', 'env:NOT_SET_ANYWHERE'])).toMatchObject({ code: 2 });
    await chmod(secret, 0o644);
    expect(await query(['--passphrase-file', secret])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('chmod 600'),
    });
  });

  it('the headless host opens the file with STEWARD_PASSPHRASE, and does not start with a wrong one', async () => {
    await using host = await startHostProcess(folder, { STEWARD_PASSPHRASE: passphrase });
    expect(host.url).toContain('http://127.0.0.1');
    await host.stop();
    await expect(startHostProcess(folder, { STEWARD_PASSPHRASE: 'a wrong one' })).rejects.toThrow(
      'The passphrase is wrong',
    );
  });
});
