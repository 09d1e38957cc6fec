#!/usr/bin/env node
// Arguments in, exit code out.

import { runCommandLine } from './commands/command-line.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
