/**
 * Where a worker's file is. Run from the sources, it stands beside the module that starts it;
 * in a build every worker is an entry of its own, next to the hosts, and chunks lie one folder below.
 */
export function workerFile(moduleUrl: string, name: string): URL {
  if (moduleUrl.endsWith('.ts')) return new URL(`./${name}.ts`, moduleUrl);
  return new URL(moduleUrl.includes('/chunks/') ? `../${name}.js` : `./${name}.js`, moduleUrl);
}
