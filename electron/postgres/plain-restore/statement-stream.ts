/** A piece of a dump, in the order of the file. The rows of a COPY come as text, in pieces of any size. */
export type DumpPart =
  | { readonly kind: 'statement'; readonly sql: string }
  | { readonly kind: 'copy'; readonly sql: string }
  | { readonly kind: 'copy data'; readonly text: string }
  | { readonly kind: 'copy end' };

type State =
  | { readonly kind: 'code' }
  /** The rest of the line after `COPY … FROM stdin;`. */
  | { readonly kind: 'copy line' }
  | { readonly kind: 'copy data' }
  | { readonly kind: 'quote'; readonly escapes: boolean }
  | { readonly kind: 'name' }
  | { readonly kind: 'dollar'; readonly tag: string }
  | { readonly kind: 'line comment' }
  | { readonly kind: 'block comment'; depth: number };

const code: State = { kind: 'code' };

const copyFromStdin = /^copy\b[\s\S]*\bfrom\s+stdin\b/i;

function withoutComments(sql: string): string {
  return sql.replaceAll(/^\s*--[^\n]*$/gm, '').trim();
}

function dataPart(text: string): DumpPart[] {
  return text === '' ? [] : [{ kind: 'copy data', text }];
}

/**
 * Splits what pg_dump writes into statements while it is read, without ever holding the whole.
 * Lines that begin with a backslash outside of any value are psql's: \restrict and \unrestrict are passed over, any
 * other is refused, since it could run a shell command in psql and means nothing to the server.
 */
export class StatementStream {
  #text = '';
  #at = 0;
  #state: State = code;

  /** What is complete after this chunk. */
  *push(chunk: string): Generator<DumpPart> {
    this.#text += chunk;
    yield* this.#scan(false);
  }

  /** What is left when the file has ended. */
  *end(): Generator<DumpPart> {
    yield* this.#scan(true);
    if (this.#state.kind.startsWith('copy'))
      throw new Error('The file ends inside the rows of a table: it is cut short');
    const rest = this.#text.trim();
    if (this.#state.kind !== 'code' && this.#state.kind !== 'line comment')
      throw new Error('The file ends inside a value: it is cut short');
    if (rest !== '' && this.#hasCode(rest)) throw new Error('The file ends inside a statement: it is cut short');
  }

  *#scan(final: boolean): Generator<DumpPart> {
    // Decisions look a few characters ahead; the last ones wait for the next chunk.
    const ahead = final ? 0 : 64;
    for (;;) {
      if (this.#state.kind === 'copy line' || this.#state.kind === 'copy data') {
        const { parts, waits } = this.#copyRows();
        yield* parts;
        if (waits) return;
        continue;
      }
      if (this.#at >= this.#text.length - ahead) return;
      if (!final && this.#isCutCommand()) return;
      const statement = this.#step();
      if (statement === undefined || !this.#hasCode(statement)) continue;
      const sql = statement.trim();
      if (copyFromStdin.test(withoutComments(sql))) {
        this.#state = { kind: 'copy line' };
        yield { kind: 'copy', sql };
      } else yield { kind: 'statement', sql };
    }
  }

  /** The rows of a COPY up to the line `\\.`, as far as they are there. A line that is not whole waits. */
  #copyRows(): { parts: DumpPart[]; waits: boolean } {
    if (this.#state.kind === 'copy line') {
      const lineEnd = this.#text.indexOf('\n');
      if (lineEnd < 0) return { parts: [], waits: true };
      this.#text = this.#text.slice(lineEnd + 1);
      this.#state = { kind: 'copy data' };
    }
    const terminator = /^\\\.\r?\n/m.exec(this.#text);
    if (terminator) {
      const data = this.#text.slice(0, terminator.index);
      this.#text = this.#text.slice(terminator.index + terminator[0].length);
      this.#at = 0;
      this.#state = code;
      return { parts: [...dataPart(data), { kind: 'copy end' }], waits: false };
    }
    const whole = this.#text.lastIndexOf('\n') + 1;
    const data = this.#text.slice(0, whole);
    this.#text = this.#text.slice(whole);
    return { parts: dataPart(data), waits: true };
  }

  /** A line of psql's whose end is in the next chunk. */
  #isCutCommand(): boolean {
    if (this.#state.kind !== 'code' || this.#text.charAt(this.#at) !== '\\') return false;
    return !this.#text.includes('\n', this.#at) && this.#text.length - this.#at < 8192;
  }

  #step(): string | undefined {
    const text = this.#text;
    const at = this.#at;
    const char = text.charAt(at);
    const two = text.slice(at, at + 2);
    const state = this.#state;
    switch (state.kind) {
      case 'quote':
        if (state.escapes && char === '\\') this.#at += 2;
        else if (two === "''") this.#at += 2;
        else this.#leave(char === "'", 1);
        return undefined;
      case 'name':
        if (two === '""') this.#at += 2;
        else this.#leave(char === '"', 1);
        return undefined;
      case 'dollar':
        this.#leave(
          char === '$' && text.startsWith(state.tag, at),
          char === '$' && text.startsWith(state.tag, at) ? state.tag.length : 1,
        );
        return undefined;
      case 'line comment':
        this.#leave(char === '\n', 1);
        return undefined;
      case 'block comment':
        if (two === '/*') state.depth += 1;
        if (two === '*/') state.depth -= 1;
        this.#leave(two === '*/' && state.depth === 0, two === '*/' || two === '/*' ? 2 : 1);
        return undefined;
      case 'code':
        return this.#stepInCode(char, two);
      case 'copy line':
      case 'copy data':
        throw new Error('the rows of a COPY are no code');
    }
  }

  #stepInCode(char: string, two: string): string | undefined {
    const text = this.#text;
    const at = this.#at;
    if (char === ';') {
      const statement = text.slice(0, at);
      this.#text = text.slice(at + 1);
      this.#at = 0;
      return statement;
    }
    if (char === '\\' && (at === 0 || text.charAt(at - 1) === '\n')) {
      const lineEnd = text.indexOf('\n', at);
      const line = text.slice(at, lineEnd < 0 ? text.length : lineEnd);
      if (!/^\\(?:un)?restrict\b/.test(line))
        throw new Error(`The file has a psql command, which is never run here: ${line.slice(0, 80)}`);
      this.#text = text.slice(0, at) + (lineEnd < 0 ? '' : text.slice(lineEnd));
      return undefined;
    }
    if (two === '--') this.#enter({ kind: 'line comment' }, 2);
    else if (two === '/*') this.#enter({ kind: 'block comment', depth: 1 }, 2);
    else if (char === "'")
      this.#enter({ kind: 'quote', escapes: /(?:^|[^A-Za-z0-9_$])[eE]$/.test(text.slice(Math.max(0, at - 2), at)) }, 1);
    else if (char === '"') this.#enter({ kind: 'name' }, 1);
    else if (char === '$') {
      const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 64))?.[0];
      const follows = /[\w$\u0080-\uffff]$/.test(text.slice(Math.max(0, at - 1), at));
      if (tag !== undefined && !follows) this.#enter({ kind: 'dollar', tag }, tag.length);
      else this.#at += 1;
    } else this.#at += 1;
    return undefined;
  }

  #enter(state: State, length: number): void {
    this.#state = state;
    this.#at += length;
  }

  #leave(leave: boolean, length: number): void {
    if (leave) this.#state = code;
    this.#at += length;
  }

  #hasCode(statement: string): boolean {
    return statement.replaceAll(/--[^\n]*(?:\n|$)/g, '').trim() !== '';
  }
}
