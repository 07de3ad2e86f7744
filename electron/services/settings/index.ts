export { DataDirectoryOwnership, dataDirectoryOwner, defaultDataDirectory, isAlive } from './data-directory.ts';
export { JsonFile, type UnreadableFileHandler } from './json-file.ts';
export { SettingsService } from './settings-service.ts';
