export { DataDirectoryOwnership, dataDirectoryOwner, defaultDataDirectory, isAlive } from './data-directory.ts';
export { type FileProblem, JsonFile } from './json-file.ts';
export { SettingsService } from './settings-service.ts';
