declare module 'pgpass' {
  /** Looks a password up in PGPASSFILE or ~/.pgpass; undefined when there is none, or the file is open to others. */
  export default function pgpass(
    connection: { host: string; port: number; database: string; user: string },
    done: (password: string | undefined) => void,
  ): void;
}
