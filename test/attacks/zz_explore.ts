import { guest, RawClient, seatFor, socketPath } from './attacker.ts';
import { startScene } from './scene.ts';
import { upgrade, wsFrame, OPCODE } from './tcp.ts';
import { once } from 'node:events';
const scene = await startScene();
try {
  for (const [name, op, fin] of [['pings read', OPCODE.ping, true], ["slow pings", OPCODE.ping, true], ['pongs', OPCODE.pong, true], ['empty fragments', OPCODE.continuation, false]] as const) {
    await scene.attack(name, async () => {
      const seat = await seatFor(await guest(scene.server.url));
      const c = await upgrade(scene.server.port, socketPath(seat));
      let got = 0; c.socket.on('data', d => got += d.length);
      const many = Buffer.concat(Array(2000).fill(wsFrame(op, Buffer.alloc(0), { fin })));
      if (op === 0) c.socket.write(wsFrame(OPCODE.binary, Buffer.alloc(0), { fin: false }));
      const t = Date.now(); let n = 0;
      while (Date.now() - t < 4000 && !c.isClosed) { if (c.socket.writableLength < 1e6) { c.socket.write(many); n += 2000; } await new Promise(r => setImmediate(r)); }
      console.log(name, n, 'frames in', Date.now() - t, 'closed', c.isClosed, 'got', got);
      c.close();
    }).catch(e => console.log(name, e.message));
  }
} finally { await scene.close(); }
process.exit(0);
