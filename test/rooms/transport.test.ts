import assert from 'node:assert/strict';
import { boundBuffer } from '../../rooms/transport.ts';

type Guarded = Parameters<typeof boundBuffer>;

/** A socket that keeps what it is given, as one does whose client does not read. */
function slowSocket() {
  const waiting: Uint8Array[] = [];
  const socket = {
    OPEN: 1,
    readyState: 1,
    send: (data: Uint8Array) => waiting.push(data),
    terminate: () => {},
  };
  const tcp = { writableLength: 0, writableCorked: 0, cork: () => {}, uncork: () => {} };
  boundBuffer(socket as unknown as Guarded[0], tcp as unknown as Guarded[1]);
  return { socket, waiting };
}

describe('rooms/transport', () => {
  it('[R4] a frame that waits in a socket stays as it was when the next one is encoded in its place', () => {
    const shared = new Uint8Array([1, 2, 3, 4]);
    const { socket, waiting } = slowSocket();
    socket.send(shared.subarray(0, 3));
    shared.set([7, 8, 9, 10]);
    socket.send(shared.subarray(0, 4));
    assert.deepEqual(
      waiting.map((frame) => [...frame]),
      [
        [1, 2, 3],
        [7, 8, 9, 10],
      ],
    );
  });

  it('[R4] one patch for many sockets is copied once', () => {
    const patch = new Uint8Array([1, 2, 3]).subarray(0, 3);
    const [one, two] = [slowSocket(), slowSocket()];
    one.socket.send(patch);
    two.socket.send(patch);
    assert.equal(one.waiting[0], two.waiting[0]);
    assert.notEqual(one.waiting[0], patch);
  });
});
