// Reads a page and a range with @grpc/grpc-js and compares with what is expected.
// ADDRESS, PROTO and EXPECTED (a JSON file) are in the environment.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const { ADDRESS, PROTO, EXPECTED } = process.env;
const expected = JSON.parse(fs.readFileSync(EXPECTED));
const definition = loader.loadSync(PROTO, { keepCase: true, longs: Number });
const { gRPCMef3Server: Server } = grpc.loadPackageDefinition(definition);

function unary(client, name, request) {
  return new Promise((resolve, reject) => {
    client[name](request, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

async function samples(call, width, read) {
  const rows = [];
  for await (const message of call) {
    assert.strictEqual(message.error_message, '');
    const [channels, n] = message.shape;
    assert.strictEqual(message.array_bytes.length, channels * n * width);
    for (let c = 0; c < channels; c++) {
      rows[c] = rows[c] || [];
      for (let i = 0; i < n; i++) rows[c].push(read(message.array_bytes, (c * n + i) * width));
    }
  }
  // JSON knows no NaN.
  return rows.map((row) => row.map((value) => (Number.isNaN(value) ? null : value)));
}

test('a page and a range equal what is expected', async () => {
  const client = new Server(ADDRESS, grpc.credentials.createInsecure());
  try {
    const file_path = expected.path;
    const info = await unary(client, 'OpenFile', { file_path });
    assert.ok(info.file_opened, info.error_message);
    assert.deepStrictEqual(info.channel_names, expected.channels);
    assert.strictEqual(info.start_uutc, expected.start);
    assert.strictEqual(info.end_uutc, expected.end);

    const range = client.GetSignalRange({
      file_path, start_uutc: expected.range_start, end_uutc: expected.range_end,
    });
    assert.deepStrictEqual(await samples(range, 4, (b, at) => b.readFloatLE(at)), expected.range);

    const grid = await unary(client, 'SetSignalSegmentSize',
      { file_path, seconds: expected.page_seconds });
    assert.strictEqual(grid.number_of_segments, expected.pages);
    const page = client.GetSignalSegment({ file_path, chunk_idx: 1 });
    assert.deepStrictEqual(await samples(page, 8, (b, at) => b.readDoubleLE(at)), expected.page);

    const missing = await unary(client, 'OpenFile', { file_path: 'missing.mefd' });
    assert.strictEqual(missing.error_message, 'File does not exist: missing.mefd');
  } finally {
    client.close();
  }
});

test('a long reply passes through a window of 64 KiB', async () => {
  const client = new Server(ADDRESS, grpc.credentials.createInsecure());
  try {
    const call = client.GetSignalRange({
      file_path: expected.long_path, start_uutc: expected.long_start, end_uutc: expected.long_end,
    });
    const rows = await samples(call, 4, (b, at) => b.readFloatLE(at));
    assert.strictEqual(rows[0].length, expected.long_samples);
  } finally {
    client.close();
  }
});

test('an unknown method is UNIMPLEMENTED', async () => {
  const client = new grpc.Client(ADDRESS, grpc.credentials.createInsecure());
  try {
    const same = (bytes) => bytes;
    await assert.rejects(new Promise((resolve, reject) => {
      client.makeUnaryRequest('/gRPCMef3Server/Nope', same, same, Buffer.alloc(0),
        (error, reply) => (error ? reject(error) : resolve(reply)));
    }), { code: grpc.status.UNIMPLEMENTED });
  } finally {
    client.close();
  }
});
