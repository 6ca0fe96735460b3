/** SQL text only: what a step does can be read, hashed and run without the program around it. */
export interface Migration {
  /** Sorts in the order of running; never changed once released. */
  readonly name: string;
  readonly up: string;
  readonly down: string;
}
