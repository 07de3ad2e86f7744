export { builtInDump, builtInDumpLimitBytes, builtInDumpVersion } from './built-in-dump.ts';
