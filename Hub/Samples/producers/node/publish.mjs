// Publishes facts to the hub: node publish.mjs FILE.json ...
import { readFile } from 'node:fs/promises';
import amqp from 'amqplib';

const exchange = 'hub.events';

// A fact in every file. Its event_id was minted when the thing happened and stays the same however often the fact is sent: the hub swallows repeats.
const facts = await Promise.all(process.argv.slice(2).map(async (file) => JSON.parse(await readFile(file, 'utf8'))));

const connection = await amqp.connect(process.env.AMQP_URL ?? 'amqp://guest:guest@localhost:5672/');
try {
  const channel = await connection.createConfirmChannel();
  await channel.checkExchange(exchange); // The hub declares it; without one nobody would listen.

  const unrouted = new Set();
  channel.on('return', (message) => unrouted.add(message.properties.messageId));

  await Promise.all(facts.map((fact) => publish(channel, fact)));

  if (unrouted.size > 0) {
    throw new Error(`No queue took ${[...unrouted].join(', ')}: start the hub, then send the same facts again.`);
  }
  console.log(`${facts.length} published`);
} finally {
  await connection.close();
}

// Resolves when the broker has stored the fact; when it rejects, or the process dies first, send the same fact again.
function publish(channel, fact) {
  const options = {
    contentType: 'application/json',
    persistent: true,
    mandatory: true,
    messageId: fact.event_id,
    headers: process.env.TRACEPARENT ? { traceparent: process.env.TRACEPARENT } : {},
  };
  return new Promise((resolve, reject) => {
    channel.publish(exchange, fact.event_type, Buffer.from(JSON.stringify(fact)), options, (error) => (error ? reject(error) : resolve()));
  });
}
