// Who may import whom: docs/architecture.md. tests/unit/layers.test.ts plants a violation of each rule and expects it to be found.
const electron = '^electron/';
const planReader = '^renderer/src/features/plans/reader/plan-reader-worker\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'contract-knows-nobody',
      severity: 'error',
      from: { path: `${electron}contract/` },
      to: {
        pathNot: [
          `${electron}contract/`,
          'node_modules/zod',
          'node_modules/@orpc/contract',
          'node_modules/@orpc/shared',
        ],
      },
    },
    {
      name: 'plan-core-is-pure',
      comment:
        'It runs in the window too: no input, no output, nothing of Node. Identifiers are quoted by the one function.',
      severity: 'error',
      from: { path: `${electron}plan-core/` },
      to: {
        pathNot: [
          `${electron}(plan-core|contract)/`,
          `${electron}postgres/quote-identifier\\.ts$`,
          'node_modules/(yaml|saxes|xmlchars)/',
        ],
      },
    },
    {
      name: 'postgres-knows-no-service',
      comment: 'Contract types only: how a failure looks.',
      severity: 'error',
      from: { path: `${electron}postgres/` },
      to: { path: [`${electron}(?!postgres/|contract/)`, '^renderer/', '^migrations/', '^tests/'] },
    },
    {
      name: 'store-knows-only-migrations',
      severity: 'error',
      from: { path: `${electron}store/` },
      to: { path: [`${electron}(?!store/|contract/)`, '^renderer/', '^tests/'] },
    },
    {
      name: 'services-know-no-host',
      severity: 'error',
      from: { path: `${electron}services/` },
      to: {
        path: [`${electron}(rpc|hosts)/`, '^renderer/', '^tests/', 'node_modules/electron/', 'node_modules/@orpc/'],
      },
    },
    {
      name: 'services-by-their-index',
      comment: 'Another service only through its index.ts.',
      severity: 'error',
      from: { path: `${electron}services/([^/]+)/` },
      to: {
        path: `${electron}services/[^/]+/.+`,
        pathNot: [`${electron}services/$1/`, `${electron}services/[^/]+/index\\.ts$`],
      },
    },
    {
      name: 'rpc-knows-services',
      severity: 'error',
      from: { path: `${electron}rpc/` },
      to: { path: [`${electron}(hosts|store)/`, '^renderer/', '^tests/', 'node_modules/(?!@orpc/)'] },
    },
    {
      name: 'desktop-and-headless-apart',
      severity: 'error',
      from: { path: `${electron}hosts/(desktop|headless)/` },
      to: { path: `${electron}hosts/(desktop|headless)/`, pathNot: `${electron}hosts/$1/` },
    },
    {
      name: 'electron-only-in-desktop',
      severity: 'error',
      from: { pathNot: [`${electron}hosts/desktop/`, '^tests/desktop/', '^scripts/'] },
      to: { path: '(node_modules/electron/|^electron$)' },
    },
    {
      name: 'renderer-knows-the-contract-only',
      severity: 'error',
      comment: 'And its worker that reads plans, the core that it reads them with.',
      from: { path: '^renderer/', pathNot: planReader },
      to: { path: [`${electron}(?!contract/)`, '^migrations/', '^tests/'] },
    },
    {
      name: 'plan-reader-knows-the-core',
      severity: 'error',
      from: { path: planReader },
      to: { path: [`${electron}(?!contract/|plan-core/index\\.ts$)`, '^migrations/', '^tests/'] },
    },
    {
      name: 'features-apart',
      comment: 'Never another feature’s inside.',
      severity: 'error',
      from: { path: '^renderer/src/features/([^/]+)/' },
      to: {
        path: '^renderer/src/features/[^/]+/',
        pathNot: ['^renderer/src/features/$1/', '^renderer/src/features/[^/]+/index\\.tsx?$'],
      },
    },
    {
      name: 'monaco-only-in-editor',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/src/editor/' },
      to: { path: 'node_modules/monaco-editor' },
    },
    {
      name: 'nothing-knows-tests',
      severity: 'error',
      from: { path: ['^electron/', '^renderer/', '^migrations/', '^assets/', '^scripts/'] },
      to: { path: '^tests/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: ['^electron/', '^renderer/'] },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
