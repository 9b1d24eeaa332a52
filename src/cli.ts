#!/usr/bin/env node
import { main } from './commands/main.ts';
import { createProgram } from './commands/program.ts';

await main(createProgram());
