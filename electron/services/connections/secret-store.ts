/** Where passwords are kept between two runs. A host provides one; none means: in memory, until Steward quits. */
export interface SecretStore {
  /** In words for the settings page: `the keychain of this system`. */
  readonly description: string;
  read(key: string): Promise<string | undefined>;
  write(key: string, secret: string): Promise<void>;
  remove(key: string): Promise<void>;
}
