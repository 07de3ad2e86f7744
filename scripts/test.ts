import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { buildIfStale } from './build-if-stale.ts';
import { installTestTools } from './install-test-tools.ts';

// `npm test` runs everything; `npm run test:unit` and its like run one kind.
const kinds = ['unit', 'contract', 'integration', 'security', 'desktop', 'e2e'] as const;
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = chosen.filter((kind) => !(kinds as readonly string[]).includes(kind));
if (unknown.length > 0) {
  process.stderr.write(`Unknown kind of test: ${unknown.join(', ')}. There are ${kinds.join(', ')}.\n`);
  process.exit(2);
}
const wanted = chosen.length > 0 ? kinds.filter((kind) => chosen.includes(kind)) : kinds;

installTestTools(wanted);
buildIfStale();
rmSync('reports', { recursive: true, force: true });
mkdirSync('reports', { recursive: true });

let failed = false;
const projects = wanted.filter((kind) => kind !== 'e2e');
if (projects.length > 0) {
  run('vitest/vitest.mjs', [
    'run',
    ...projects.flatMap((kind) => ['--project', kind]),
    '--reporter=default',
    '--reporter=json',
    '--outputFile.json=reports/vitest.json',
  ]);
}
if (wanted.includes('e2e')) run('@playwright/test/cli.js', ['test']);

const totals = { passed: 0, failed: 0, skipped: 0 };
/** Said once more at the very end, where whoever reads a log looks first. */
const failures: string[] = [];
if (projects.length > 0) add(vitestTotals());
if (wanted.includes('e2e')) add(playwrightTotals());
process.stdout.write(failures.map((failure) => `\nFailed: ${failure}\n`).join(''));
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exitCode = failed || totals.failed > 0 || totals.passed === 0 ? 1 : 0;

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [path.join('node_modules', program), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) failed = true;
}

function add(more: typeof totals): void {
  totals.passed += more.passed;
  totals.failed += more.failed;
  totals.skipped += more.skipped;
}

function vitestTotals(): typeof totals {
  if (!existsSync('reports/vitest.json')) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync('reports/vitest.json', 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    testResults: {
      name: string;
      status: string;
      message: string;
      assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
    }[];
  };
  // A file that does not even load has no tests to count.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  for (const file of broken) failures.push(`${path.relative('.', file.name)}\n${file.message}`);
  for (const file of report.testResults)
    for (const test of file.assertionResults)
      if (test.status === 'failed')
        failures.push(`${path.relative('.', file.name)} › ${test.fullName}\n${test.failureMessages.join('\n')}`);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function playwrightTotals(): typeof totals {
  if (!existsSync('reports/e2e.json')) return { passed: 0, failed: 1, skipped: 0 };
  const { stats, suites } = JSON.parse(readFileSync('reports/e2e.json', 'utf8')) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
    suites: { specs: { file: string; title: string; ok: boolean }[] }[];
  };
  for (const spec of suites.flatMap((suite) => suite.specs))
    if (!spec.ok) failures.push(`tests/e2e/${spec.file} › ${spec.title}`);
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
}
