import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
  [kind: string]: Record<string, unknown>;
};

it('every version is exact', () => {
  const all = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}),
  );
  expect(all.filter(([, version]) => !/^(npm:@?[\w/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
});

it('says of every package with an install script whether it may run', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const names = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([place]) => place.split('node_modules/').at(-1) ?? '');
  expect(names.filter((name) => name !== '' && !(name in manifest.allowScripts))).toEqual([]);
});

it('has the scripts that its README tells of', () => {
  expect(Object.keys(manifest.scripts)).toEqual(
    expect.arrayContaining([
      'start',
      'dev',
      'build',
      'check',
      'test',
      'test:unit',
      'test:contract',
      'test:integration',
      'test:security',
      'test:e2e',
      'bench',
      'package',
    ]),
  );
});
