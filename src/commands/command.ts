import type { ParseArgsConfig } from 'node:util';
import type { Config } from '../config.ts';

export interface Invocation {
  readonly values: Record<string, unknown>;
  readonly positionals: string[];
  /** Reads the environment; not called by commands that need no setting. */
  config(): Config;
}

/** One command of the command line; `run` answers the exit code. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(invocation: Invocation): Promise<number>;
}
