import assert from 'node:assert/strict';
import { OptionError, readOptions } from '../../loadtest/options.ts';

describe("the load test's options", () => {
  it('have defaults: 200 bots for 30 seconds, one bet of 1 each, cash-outs of both kinds', () => {
    const options = readOptions([]);
    assert.ok(options);
    const { bots, seconds, betsPerRound, stake, cashOut, url, json } = options;
    assert.deepEqual(
      { bots, seconds, betsPerRound, stake, cashOut, url, json },
      {
        bots: 200,
        seconds: 30,
        betsPerRound: 1,
        stake: 1,
        cashOut: 'mixed',
        url: undefined,
        json: undefined,
      },
    );
  });

  it('name what cannot be used', () => {
    for (const [args, name] of [
      [['--bots', '0'], /--bots/],
      [['--bots', '1e3'], /--bots/],
      [['--ramp', '301'], /--ramp/],
      [['--cashout', 'never'], /--cashout/],
      [['--url', 'ftp://host'], /--url/],
      [['--table', 'A table'], /--table/],
      [['--audit-here'], /--audit-here/],
      [['--unknown'], /--unknown/],
      [['stray'], /stray/],
    ] as const) {
      assert.throws(
        () => readOptions(args),
        (error) => error instanceof OptionError && name.test(error.message),
        args.join(' '),
      );
    }
  });

  it('print help and nothing else', () => {
    assert.equal(readOptions(['--help', '--bots', '3']), undefined);
  });
});
