import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressKey, createThrottle } from '../../src/accounts/throttle.ts';

describe('throttles', () => {
  it('let a key through as often as allowed, then say when to come back', async () => {
    const throttle = createThrottle({ points: 2, seconds: 60 });
    await throttle('one');
    await throttle('one');
    await assert.rejects(throttle('one'), (error: Error & { code?: string; details?: object }) => {
      assert.equal(error.code, 'RATE_LIMITED');
      assert.deepEqual(error.details, { retryAfterSeconds: 60 });
      return true;
    });
    await throttle('another');
  });

  it('count an IPv4 address as one client, also when it is mapped into IPv6', () => {
    assert.equal(addressKey('192.0.2.7'), '192.0.2.7');
    assert.equal(addressKey('::ffff:192.0.2.7'), '192.0.2.7');
    assert.equal(addressKey(undefined), 'unknown');
  });

  it('count an IPv6 /64 as one client, however its addresses are written', () => {
    const key = '2001:db8:0:1::/64';
    for (const ip of ['2001:db8:0:1::', '2001:0DB8::1:a:b:c:d', '2001:db8:0:1:ffff::9']) {
      assert.equal(addressKey(ip), key);
    }
    assert.notEqual(addressKey('2001:db8:0:2::'), key);
    assert.equal(addressKey('::1'), '0:0:0:0::/64');
    assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
  });

  it('see one client in any two addresses that share the first 64 bits', () => {
    const half = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
    const text = (groups: number[]) => groups.map((group) => group.toString(16)).join(':');
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        const key = addressKey(`${text(network)}:${text(one)}`);
        assert.equal(key, `${text(network)}::/64`);
        assert.equal(addressKey(`${text(network)}:${text(other)}`), key);
      }),
    );
  });
});
