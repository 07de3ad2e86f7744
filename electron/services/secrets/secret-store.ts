/** A place where secrets are kept between two runs, under names such as `<connection id>`. */
export interface SecretStore {
  /** In words: `the keychain of this system`. */
  readonly description: string;
  /** False where what is written is gone when Steward quits. */
  readonly persists?: boolean;
  read(key: string): Promise<string | undefined>;
  write(key: string, secret: string): Promise<void>;
  remove(key: string): Promise<void>;
  /**
   * Whether there is one, without decrypting it: a keychain may ask its owner for every read. Undefined where that
   * cannot be told now.
   */
  has?(key: string): Promise<boolean | undefined>;
  /** Who is told of secrets, so that the log is freed of them: those that are kept elsewhere, or inside of others. */
  readonly known?: { add(secret: string): unknown };
}
