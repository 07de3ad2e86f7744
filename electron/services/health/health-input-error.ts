/** The caller asked for something that does not exist: for example an unknown check id. */
export class HealthInputError extends Error {
  override readonly name = 'HealthInputError';
  readonly unknownIds: readonly string[];

  constructor(unknownIds: readonly string[]) {
    super(`Unknown health checks: ${unknownIds.join(', ')}`);
    this.unknownIds = unknownIds;
  }
}
