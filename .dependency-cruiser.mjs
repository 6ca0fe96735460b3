/** Who may know whom. Each rule's comment is what `npm run check` prints when it is broken. */

/** `from` may import nothing but what `allowed` matches, and what has one of the types in `also`. */
function only(name, comment, from, allowed, also = []) {
  return never(name, comment, from, { pathNot: allowed, dependencyTypesNot: also });
}

/** `from` never imports `to`. */
function never(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to };
}

export default {
  forbidden: [
    never(
      'no-cycles',
      'Two files that need each other are one file, or three.',
      {},
      { circular: true },
    ),
    never('resolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),

    only(
      'games-are-pure',
      'games/ imports only itself and the draw type: no packages, no node: modules.',
      { path: '^src/games/' },
      ['^src/games/', '^src/fairness/draw\\.ts$'],
    ),
    only(
      'models-know-sequelize-only',
      'models/ import only Sequelize and each other.',
      { path: '^models/' },
      ['^models/', 'node_modules/sequelize/'],
    ),
    never(
      'services-below-rooms-and-http',
      'ledger/, accounts/, fairness/, live/ and worlds/ never import rooms/ or http/.',
      { path: '^src/(ledger|accounts|fairness|live|worlds)/' },
      { path: ['^rooms/', '^src/http/'] },
    ),
    never(
      'database-below-services',
      'database/ is what services stand on; it knows none of them.',
      { path: '^src/database/' },
      { path: ['^rooms/', '^src/(http|ledger|accounts|fairness|live|worlds|games)/'] },
    ),
    never(
      'rooms-use-services',
      'rooms/ use services, games and protocol; never models/, never http/.',
      { path: '^rooms/' },
      { path: ['^models/', '^src/http/'] },
    ),
    never(
      'http-uses-services',
      'http/ uses services, games and protocol; never models/, never rooms/.',
      { path: '^src/http/' },
      { path: ['^models/', '^rooms/'] },
    ),
    only(
      'web-is-a-client',
      'web/ imports only protocol.ts and the stand-alone verifier.',
      { path: '^web/' },
      ['^web/', '^src/protocol(\\.ts$|/)', '^src/fairness/verifier\\.ts$'],
      ['npm', 'npm-dev', 'core'],
    ),
    only(
      'loadtest-is-a-client',
      'loadtest/ imports only protocol.ts and the names of the games.',
      { path: '^loadtest/' },
      ['^loadtest/', '^src/protocol(\\.ts$|/)', '^src/games/(names|registry)\\.ts$'],
      ['npm', 'npm-dev', 'core'],
    ),
    never(
      'verifier-stands-alone',
      'fairness/verifier.ts runs anywhere as a single file: no imports.',
      { path: '^src/fairness/verifier\\.ts$' },
      {},
    ),
    never(
      'the-page-runs-in-browsers',
      'web/ and what it shares with the server use no node: modules.',
      { path: ['^web/', '^src/(protocol|errors|ids)\\.ts$'], pathNot: '^web/vite\\.config\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    never(
      'app-is-the-root',
      'Only the command line (main.ts and commands/) and tests import app.ts; nobody imports main.ts.',
      { pathNot: ['^src/(main\\.ts$|commands/)', '^test/'] },
      { path: '^src/(app|main)\\.ts$' },
    ),
    never(
      'tests-are-not-shipped',
      'Nothing outside of test/ imports from test/.',
      { pathNot: '^test/' },
      { path: '^test/' },
    ),
    never(
      'server-needs-dependencies',
      'What the server imports is in dependencies, not devDependencies.',
      { path: '^(src|rooms|models)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    ),
  ],
  options: {
    // TypeScript 7 has no JavaScript API to parse with.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^web/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      mainFields: ['module', 'main'],
    },
    skipAnalysisNotInRules: true,
  },
};
