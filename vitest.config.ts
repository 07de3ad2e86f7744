import { defineConfig } from 'vitest/config';

const database = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    // Two cores and real servers: more at once only makes each slower.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'], testTimeout: 60_000 } },
      { test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], ...database } },
      { test: { name: 'integration', include: ['tests/integration/**/*.test.ts'], ...database } },
      { test: { name: 'security', include: ['tests/security/**/*.exploit.test.ts'], ...database } },
      { test: { name: 'desktop', include: ['tests/desktop/**/*.test.ts'], ...database } },
    ],
  },
});
