// HTTP/2 whose streams break off: node http2_server.mjs PORT KEY CERT
import fs from 'node:fs';
import http2 from 'node:http2';

const [port, key, cert] = process.argv.slice(2);
const { NGHTTP2_REFUSED_STREAM } = http2.constants;
const pages = 20, perPage = 100;
const asked = new Map();

const server = http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) });
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const url = new URL(headers[':path'], 'https://x');
  const times = (asked.get(url.href) ?? 0) + 1;
  asked.set(url.href, times);
  if (url.pathname === '/ready') {
    stream.respond({ ':status': 200 });
    return stream.end();
  }
  const page = Number(url.searchParams.get('page') ?? 1);
  // One time in two: page 1 is taken, page 2 refused, page 3 reset in its middle, and so on.
  const breaks = url.pathname === '/broken' || (url.pathname === '/pages' && times === 1);
  if (breaks && page % 3 === 2) return stream.close(NGHTTP2_REFUSED_STREAM);
  const items = [];
  for (let i = 0; i < perPage; ++i) items.push({ id: (page - 1) * perPage + i });
  const body = JSON.stringify({ items, next: page < pages ? `${url.pathname}?page=${page + 1}` : null });
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  if (url.pathname === '/stall') return;
  if (!breaks || page % 3 === 1) return stream.end(body);
  // close() would end the body before it resets the stream.
  stream.write(body.slice(0, body.length / 2), () => setTimeout(() => stream.destroy(new Error('reset')), 20));
});
// HTTP/1.1 where that is all a client offers: the same server, to see whether it is up.
server.on('unknownProtocol', (socket) => socket.end('HTTP/1.1 426 HTTP/2 Only\r\nConnection: close\r\n\r\n'));
server.listen(Number(port), '127.0.0.1');
