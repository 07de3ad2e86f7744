/** Each bucket is this much wider than the one before: its middle is off by at most 1 %. */
const growth = 1.02;
const logGrowth = Math.log(growth);
const smallestMs = 0.0005;

/** Counts durations in buckets of logarithmic width. At most some 1,500 of them, whatever is put in. */
export class DurationHistogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = ms <= smallestMs ? -1 : Math.min(1500, Math.floor(Math.log(ms / smallestMs) / logGrowth));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
  }

  /**
   * Quantiles by the nearest rank, in one pass; `shares` ascending, 0 to 1. Off by at most 1 %.
   * @returns null for each where nothing was added
   */
  quantiles(shares: readonly number[]): (number | null)[] {
    if (this.#count === 0) return shares.map(() => null);
    const sorted = [...this.#buckets].toSorted(([a], [b]) => a - b);
    let at = 0;
    let seen = sorted[0]?.[1] ?? 0;
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * this.#count));
      while (seen < rank && at < sorted.length - 1) {
        at += 1;
        seen += sorted[at]?.[1] ?? 0;
      }
      return middleOf(sorted[at]?.[0] ?? -1);
    });
  }
}

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(bucket: number): number {
  if (bucket < 0) return 0;
  const low = smallestMs * growth ** bucket;
  return (2 * low * growth) / (1 + growth);
}
