using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.HubSpot;

/// <summary>The connector, over HTTP, with a sandbox of its own behind it.</summary>
internal sealed class HubSpotAccount : IAsyncDisposable
{
    private readonly HttpClientHandler _transport = new();
    private long _records;

    private HubSpotAccount(HubSpotSandboxClient client) => Client = client;

    /// <summary>HubSpot as a person or another integration sees it.</summary>
    public HubSpotSandboxClient Client { get; }

    public HubSpotSandbox HubSpot => Client.HubSpot;

    public VendorRoom Room => Client.Room;

    public static async Task<HubSpotAccount> StartAsync(SandboxOptions? options = null) => new(await HubSpotSandboxClient.StartAsync(options));

    public HubSpotConnector Connect(string identityKey = "hub_external_id", params (string Name, string Value)[] values) => Connect(OpenGate.Instance, identityKey, values);

    public HubSpotConnector Connect(ICallGate gate, string identityKey = "hub_external_id", params (string Name, string Value)[] values) => (HubSpotConnector)new HubSpotConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "hubspot",
            BaseUrl = Client.BaseUrl,
            IdentityKey = identityKey,
            Values = values.ToDictionary(static value => value.Name, static value => value.Value),
            Secrets = HubSpot.Credentials.ToDictionary(static secret => secret.Key, static secret => (Func<string?>)(() => secret.Value)),
        },
        Transport = _transport,
        Time = TimeProvider.System,
        Loggers = NullLoggerFactory.Instance,
    })(gate);

    public BatchItem Person(string key, params (string Name, string Value)[] fields) => new()
    {
        RecordId = ++_records,
        Key = key,
        Fields = [.. fields.Select(static field => new Field(field.Name, FieldValue.Of(field.Value)))],
    };

    public BatchItem ChangeOfKey(string from, string to) => Person(from) with { Identity = new IdentityChange { NewKey = to } };

    public BatchItem Merge(string stays, string ends) => Person(stays) with { Identity = new IdentityChange { OtherKey = ends } };

    public static async Task<IReadOnlyList<RecordOutcome>> DeliverAsync(HubSpotConnector connector, Operation operation, params BatchItem[] items)
    {
        var receipt = await connector.DeliverAsync(new Batch { Operation = operation, Items = items }, CancellationToken.None);
        Assert.That(receipt.Condition, Is.Null);
        Assert.That(receipt.Outcomes.Select(static outcome => outcome.RecordId), Is.EquivalentTo(items.Select(static item => item.RecordId)));
        return [.. items.Select(item => receipt.Record(item.RecordId))];
    }

    /// <summary>Makes contacts and returns their record ids.</summary>
    public async Task<string[]> CreateAsync(HubSpotConnector connector, params BatchItem[] items)
        => [.. (await DeliverAsync(connector, Operation.UpsertProfile, items)).Select(static outcome => outcome.RemoteId!)];

    public SandboxPerson? Find(string recordId) => HubSpot.People().SingleOrDefault(person => person.Keys["hs_object_id"] == recordId);

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await Client.DisposeAsync();
    }
}
