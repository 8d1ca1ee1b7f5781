// Makes the calls of an integration with HubSpot's own client and writes what it hands back, as one JSON object, to standard output.
import { Client } from '@hubspot/api-client'

const hubspot = new Client({ accessToken: process.env.HUBSPOT_TOKEN, basePath: process.env.HUBSPOT_BASE_PATH })
const { batchApi, basicApi } = hubspot.crm.contacts
const { listsApi, membershipsApi } = hubspot.crm.lists
const { statusApi } = hubspot.communicationPreferences
const subscription = { emailAddress: 'ann@example.test', subscriptionId: '39644612' }
const told = {}

const failure = async (call) => {
  try {
    await call()
    return null
  } catch (e) {
    return { code: e.code, category: e.body?.category, message: e.body?.message, correlationId: e.body?.correlationId }
  }
}

const input = (id, properties) => ({ idProperty: 'hub_external_id', id, properties, objectWriteTraceId: `t-${id}` })

told.upsert = await batchApi.upsert({
  inputs: [input('c-1', { email: 'Ann@Example.test', firstname: 'Ann' }), input('c-2', { email: 'nonsense' }), input('c-3', { firstname: 'Cy' })],
})
const idOf = (trace) => told.upsert.results.find((row) => row.objectWriteTraceId === trace).id
const [ann, cy] = [idOf('t-c-1'), idOf('t-c-3')]

told.read = await batchApi.read({
  idProperty: 'hub_external_id', properties: ['email', 'firstname'], propertiesWithHistory: [], inputs: [{ id: 'c-1' }, { id: 'nobody' }],
})
told.one = await basicApi.getById(ann, ['email'])
told.byEmail = await basicApi.getById('ann@example.test', ['email'], undefined, undefined, false, 'email')
told.page = await basicApi.getPage(1, undefined, ['firstname'])

told.list = (await listsApi.create({ name: 'Official', objectTypeId: '0-1', processingType: 'MANUAL' })).list
told.added = await membershipsApi.add(told.list.listId, [ann, cy, '999'])
told.members = await membershipsApi.getPage(told.list.listId)
told.removed = await membershipsApi.remove(told.list.listId, [cy])
told.left = await membershipsApi.getPage(told.list.listId)

told.subscribed = await statusApi.subscribe(subscription)
told.subscribedAgain = await failure(() => statusApi.subscribe(subscription))
told.unsubscribed = await statusApi.unsubscribe(subscription)
told.optOut = await failure(() => statusApi.subscribe(subscription))
told.status = await statusApi.getEmailStatus(subscription.emailAddress)

await hubspot.events.send.basicApi.send({
  eventName: 'pe62515_purchase', objectId: ann, properties: { sku: 'A-1' }, uuid: '0198f1a0-0000-7000-8000-000000000001', occurredAt: new Date(0),
})
told.merged = await basicApi.merge({ primaryObjectId: ann, objectIdToMerge: cy })
told.byOldId = await basicApi.getById(cy, ['email'])

told.missing = await failure(() => basicApi.getById('1'))
told.invalid = await failure(() => batchApi.upsert({ inputs: [] }))
told.unauthorized = await failure(() => new Client({ accessToken: 'wrong', basePath: process.env.HUBSPOT_BASE_PATH }).crm.contacts.basicApi.getPage())
await basicApi.purge({ objectId: told.merged.id })
told.purged = await failure(() => basicApi.getById(told.merged.id))

console.log(JSON.stringify(told))
