/** The few messages of PostgreSQL's protocol that the bridge must read or write. https://www.postgresql.org/docs/current/protocol-message-formats.html */

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;

export type Startup = { readonly kind: 'encryption request' } | { readonly kind: 'startup' };

/** What the first packet of a client asks for: it has a length and a code, and no type byte. */
export function readStartup(packet: Uint8Array): Startup {
  const code = new DataView(packet.buffer, packet.byteOffset, packet.byteLength).getInt32(4);
  return { kind: code === sslRequest || code === gssRequest ? 'encryption request' : 'startup' };
}

/** What a server answers to a start that it accepts without asking for a password. */
export function startupAnswer(parameters: Readonly<Record<string, string>>): Buffer {
  const messages = [message('R', int32(0))];
  for (const [name, value] of Object.entries(parameters))
    messages.push(message('S', Buffer.from(`${name}\0${value}\0`)));
  messages.push(message('K', Buffer.concat([int32(1), int32(1)])), message('Z', Buffer.from('I')));
  return Buffer.concat(messages);
}

/** Types of the whole messages in `bytes`, and how many bytes of an unfinished one are left. */
export function messageTypes(bytes: Uint8Array): { types: string; rest: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let types = '';
  let offset = 0;
  while (offset + 5 <= bytes.byteLength) {
    const end = offset + 1 + view.getInt32(offset + 1);
    if (end > bytes.byteLength) break;
    types += String.fromCharCode(view.getUint8(offset));
    offset = end;
  }
  return { types, rest: bytes.byteLength - offset };
}

/**
 * Follows a stream of the server's messages across chunks of any size and tells when a whole ReadyForQuery (or
 * CopyInResponse) has gone by: then it is the client's turn.
 */
export class AnswerEnd {
  #header = Buffer.alloc(0);
  #skip = 0;
  #type = '';

  /** True when the answer is complete at the end of this chunk. */
  take(chunk: Uint8Array): boolean {
    let complete = false;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - offset);
        this.#skip -= step;
        offset += step;
        if (this.#skip === 0) complete = this.#type === 'Z' || this.#type === 'G';
        continue;
      }
      const needed = 5 - this.#header.length;
      this.#header = Buffer.concat([this.#header, chunk.subarray(offset, offset + needed)]);
      offset += Math.min(needed, chunk.length - offset);
      if (this.#header.length < 5) return false;
      this.#type = String.fromCharCode(this.#header.readUInt8(0));
      this.#skip = this.#header.readInt32BE(1) - 4;
      this.#header = Buffer.alloc(0);
      complete = this.#skip === 0 && (this.#type === 'Z' || this.#type === 'G');
    }
    return complete;
  }
}

function message(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
