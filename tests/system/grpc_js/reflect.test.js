// Learns the contract by reflection, as tools without a copy of it do, and calls with it.
// ADDRESS and OPEN (a path) are in the environment.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const grpc = require('@grpc/grpc-js');
const { GrpcReflection, serviceHelper } = require('grpc-js-reflection-client');

const { ADDRESS, OPEN } = process.env;

test('services and methods are listed', async () => {
  const reflection = new GrpcReflection(ADDRESS, grpc.credentials.createInsecure());
  const services = await reflection.listServices();
  assert.deepStrictEqual([...services].sort(), [
    'gRPCMef3Server', 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection']);
  const methods = await reflection.listMethods('gRPCMef3Server');
  assert.strictEqual(methods.length, 10);
});

test('a recording is opened with what was learnt', async () => {
  const client = await serviceHelper({
    host: ADDRESS,
    servicePath: 'gRPCMef3Server',
    credentials: grpc.credentials.createInsecure(),
    proto_symbol: 'gRPCMef3Server',
    protoLoaderOptions: { keepCase: true, longs: Number },
  });
  const info = await new Promise((resolve, reject) => {
    client.OpenFile({ file_path: OPEN }, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
  assert.strictEqual(info.file_opened, true);
  client.close();
});
