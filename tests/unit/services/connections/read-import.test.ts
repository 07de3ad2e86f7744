import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import {
  type ImportMachine,
  passfilePath,
  readImport,
  serviceFilePaths,
} from '../../../../electron/services/connections/import/read-import.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { connection } from './connection-fixtures.ts';

let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function machine(environment: Record<string, string> = {}, platform: NodeJS.Platform = 'linux'): ImportMachine {
  return { environment, homeDirectory: home, userName: 'me', platform };
}

async function write(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
  const file = path.join(home, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

it('finds ~/.pgpass, and says which of its connections are saved already', async () => {
  await write('.pgpass', 'db.example:5432:orders:ada:s3cret\nDB.example:5432:other:ada:s3cret\n');
  const found = await readImport('pgpass', undefined, [connection({ name: 'My orders' })], machine());
  expect(found.candidates.map(({ origin, existing }) => [origin, existing])).toEqual([
    ['~/.pgpass, line 1', 'My orders'],
    ['~/.pgpass, line 2', undefined],
  ]);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

it('lists a password file that others may read, with libpq’s warning', async () => {
  await write('.pgpass', 'h:5432:d:u:p\n', 0o644);
  const found = await readImport('pgpass', undefined, [], machine());
  expect(found.candidates).toHaveLength(1);
  expect(found.warnings[0]).toBe(
    'password file "~/.pgpass" has group or world access; permissions should be u=rw (0600) or less. It is ignored until you run: chmod 0600 ~/.pgpass',
  );
});

it('goes where the environment points', async () => {
  const passfile = await write('elsewhere/pass', 'h:1:d:u:p');
  const service = await write('elsewhere/services', '[a]\nhost=h\nport=1\ndbname=d\nuser=u\n');
  const system = await write('system/pg_service.conf', '[b]\nhost=h2\n');
  const environment = {
    PGPASSFILE: passfile,
    PGSERVICEFILE: service,
    PGSYSCONFDIR: path.dirname(system),
    PGSERVICE: 'b',
  };
  const services = await readImport('service', undefined, [], machine(environment));
  expect(services.candidates.map(({ draft, origin }) => [draft.name, origin, draft.authentication])).toEqual([
    ['a', '~/elsewhere/services, [a]', { kind: 'passfile' }],
    ['b', '~/system/pg_service.conf, [b]', { kind: 'password' }],
  ]);
  expect(services.warnings).toEqual(['Passwords that are in ~/elsewhere/pass stay there; Steward reads them from it.']);
  const variables = await readImport('environment', undefined, [], machine(environment));
  expect(variables.candidates).toMatchObject([{ draft: { host: 'h2', user: 'me' } }]);
});

it('knows the places of Windows', () => {
  const windows = machine({ APPDATA: path.join(home, 'Roaming') }, 'win32');
  expect(passfilePath(windows)).toBe(path.join(home, 'Roaming', 'postgresql', 'pgpass.conf'));
  expect(serviceFilePaths(windows)).toEqual([path.join(home, 'Roaming', 'postgresql', '.pg_service.conf')]);
});

it('says what is missing, and what cannot be read', async () => {
  await expect(readImport('pgpass', undefined, [], machine())).rejects.toMatchObject({
    failure: { code: 'not_found', message: 'There is no password file ~/.pgpass' },
  });
  await expect(readImport('service', undefined, [], machine({ PGSYSCONFDIR: home }))).rejects.toMatchObject({
    failure: { code: 'not_found' },
  });
  await expect(readImport('pgadmin', undefined, [], machine())).rejects.toMatchObject({
    failure: { code: 'bad_input' },
  });
  await write('.pgpass', Uint8Array.of(0x68, 0xff, 0xfe));
  await expect(readImport('pgpass', undefined, [], machine())).rejects.toThrow('not written in UTF-8');
  await write('.pgpass', new Uint8Array(5_000_001));
  await expect(readImport('pgpass', undefined, [], machine())).rejects.toThrow('longer than 5 MB');
});
