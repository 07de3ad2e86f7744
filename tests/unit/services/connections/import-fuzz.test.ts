import fc from 'fast-check';
import { expect, it } from 'vitest';

import { importCandidateSchema, importSources } from '../../../../electron/contract/connections.ts';
import { StewardError } from '../../../../electron/postgres/failure.ts';
import { exportFormat } from '../../../../electron/services/connections/export-connections.ts';
import { type ImportMachine, readImport } from '../../../../electron/services/connections/import/read-import.ts';

// Every reader, given anything: candidates that can be saved, or a StewardError. Never another error, never a hang.

const machine: ImportMachine = { environment: {}, homeDirectory: '/nowhere', userName: 'me', platform: 'linux' };

async function read(source: (typeof importSources)[number], text: string): Promise<unknown> {
  try {
    const found = await readImport(source, text, [], machine);
    for (const candidate of found.candidates) importCandidateSchema.parse(candidate);
    return found;
  } catch (error) {
    expect(error).toBeInstanceOf(StewardError);
    if (error instanceof StewardError) expect(error.failure.code).toBe('bad_input');
    return error;
  }
}

const keys = fc.constantFrom(
  'Servers',
  'connections',
  'configuration',
  'handlers',
  'ssh_tunnel',
  'properties',
  'provider',
  'url',
  'host',
  'port',
  'Host',
  'Port',
  'Username',
  'ConnectionParameters',
  'sslmode',
  'UseSSHTunnel',
  'TunnelHost',
  'folder',
  'folders',
  'parent',
  'enabled',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
);
const leaves = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('postgresql', 'jdbc:postgresql://a:1,b/c?user=x', 'verify-full', 'EU', '1', '\u0000', '\uD800'),
);
const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
  tree: fc.oneof({ maxDepth: 6 }, leaves, tie('node'), fc.array(tie('tree'), { maxLength: 4 })),
  node: fc.array(fc.tuple(keys, tie('tree')), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
}));
const lines = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        '[a]',
        '[',
        '[]',
        'host=a,b',
        'port=1',
        'port=1,2,3',
        'sslmode=',
        '\\',
        ':::::',
        'a:b:c:d:e',
        '*:*:*:*:*',
      ),
      fc.array(fc.string({ maxLength: 5 }), { minLength: 4, maxLength: 7 }).map((fields) => fields.join(':')),
    ),
  )
  .map((parts) => parts.join('\n'));

it.each(importSources)('%s takes any text', async (source) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), lines, fc.string({ unit: 'binary' })), (text) =>
      read(source, text).then(() => {}),
    ),
    { numRuns: 400 },
  );
});

it.each(['pgadmin', 'dbeaver', 'steward'] as const)('%s takes any JSON', async (source) => {
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      await read(source, JSON.stringify(value));
      await read(source, JSON.stringify({ Servers: value, connections: value }));
      await read(source, JSON.stringify({ connections: { a: { provider: 'postgresql', configuration: value } } }));
      await read(source, JSON.stringify({ format: exportFormat, version: 1, connections: [value] }));
    }),
    { numRuns: 400 },
  );
});

it.each(importSources)('%s takes 5 MB of one character, and says no to one more for JSON', async (source) => {
  const began = performance.now();
  for (const unit of ['[', ':', '\\', '=', '"', "'", '\n', 'a', '{"a":']) {
    await read(source, unit.repeat(Math.floor(5_000_000 / unit.length)));
  }
  expect(performance.now() - began).toBeLessThan(20_000);
});

it.each([
  ['pgadmin', '{"Servers": {"1": {"Name": "x", }}}', /not JSON: .* in line 1$/],
  ['pgadmin', '{\n"Servers": {\n"1": "s3cret', /in line 3$/],
  ['dbeaver', '[]', /not an object/],
  ['dbeaver', '{"Servers": {}}', /no “connections” in this file/],
  ['pgadmin', '{"__proto__": {"Servers": {}}}', /no “Servers” in this file/],
  ['steward', '{"format": "steward-connections", "version": 2, "connections": []}', /newer Steward/],
  ['steward', '{"connections": []}', /not an export of Steward/],
  ['service', 'nonsense', /Line 1 does not belong/],
  ['urls', 'nonsense', /^Line 1: /],
] as const)('%s says what is wrong with %s', async (source, text, words) => {
  const error = await read(source, text);
  expect(error).toBeInstanceOf(StewardError);
  expect(String(error instanceof Error ? error.message : '')).toMatch(words);
  expect(JSON.stringify(error)).not.toContain('s3cret');
});
