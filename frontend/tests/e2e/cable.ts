/** A cable between the browser and the server that can be pulled: open connections die, new ones fail. */
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';

export class Cable {
  private readonly sockets = new Set<Socket>();
  private isPulled = false;

  private constructor(private readonly listener: NetServer) {}

  static async to(target: string): Promise<Cable> {
    const { port } = new URL(target);
    const listener = createServer();
    const cable = new Cable(listener);
    listener.on('connection', (near) => {
      if (cable.isPulled) return near.destroy();
      const far = connect(Number(port), '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        cable.sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          cable.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    return cable;
  }

  get url(): string {
    const address = this.listener.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  pull() {
    this.isPulled = true;
    for (const socket of this.sockets) socket.destroy();
  }

  plug() {
    this.isPulled = false;
  }

  close() {
    this.pull();
    this.listener.close();
  }
}
