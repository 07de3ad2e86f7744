import { openContext } from '../command-context.ts';
import { CliEnd, exitCodeOf, exitCodes } from '../exit-codes.ts';
import { endProgress, progressLine, writeJson, writeLine } from '../output.ts';

/** `steward sample create`: the sample database on the local server. */
export async function createSample(options: { factor: string; json?: boolean }): Promise<void> {
  const factor = Number(options.factor);
  if (!(factor > 0 && factor <= 100)) throw new CliEnd(exitCodes.usage, '--factor takes a number from 0.01 to 100');
  await using context = await openContext('owner');
  const { services } = context;
  const run = services.sample.start(factor);
  const cancel = () => services.jobs.cancel(run.job.id);
  process.once('SIGINT', cancel);
  const watching = new AbortController();
  void (async () => {
    for await (const jobs of services.jobs.jobs.watch(watching.signal, 200)) {
      const job = jobs.find(({ id }) => id === run.job.id);
      if (job) progressLine(`${job.fraction === null ? '' : `${Math.round(job.fraction * 100)} %  `}${job.step}`);
    }
  })();
  const job = await run.done;
  watching.abort();
  endProgress();
  process.off('SIGINT', cancel);
  if (job.failure) throw new CliEnd(exitCodeOf(job.failure), job.failure.message, job.failure.hint);
  const connection = services.connections.list.value.find((entry) => entry.managedBy === 'local-server');
  if (options.json)
    writeJson({
      connection: connection?.name ?? null,
      database: connection?.database ?? null,
      host: connection?.host ?? null,
      port: connection?.port ?? null,
      user: connection?.user ?? null,
    });
  else writeLine(job.outcome ?? '');
}
