/** Nothing could be read as a plan, or what was read is cut off. `line` and `column` are 1-based positions in the source. */
export class PlanReadError extends Error {
  override readonly name = 'PlanReadError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, line = 1, column = 1) {
    super(message);
    this.line = line;
    this.column = column;
  }

  /** The same error at a character offset of a source. */
  static at(message: string, source: string, offset: number): PlanReadError {
    let line = 1;
    let lineStart = 0;
    for (let next = source.indexOf('\n'); next !== -1 && next < offset; next = source.indexOf('\n', next + 1)) {
      line += 1;
      lineStart = next + 1;
    }
    return new PlanReadError(message, line, offset - lineStart + 1);
  }
}
