using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

/// <summary>
/// What every connector must do, over real HTTP against its vendor's sandbox and through nothing but the vendor-neutral surface.
/// A connector passes by a subclass of one line. After each check, logs, exceptions and URLs are searched for secrets and personal data.
/// </summary>
/// <param name="connector">Name of the connector.</param>
/// <param name="words">The vendor's words for what the suite writes.</param>
[NonParallelizable]
public abstract partial class ConnectorConformance(string connector, VendorWords words)
{
    private const string Canary = Samples.Canary;

    private readonly CapturedLogs _logs = new();
    private readonly WatchedTransport _transport = new();
    private SandboxServer _server = null!;
    private DestinationSettings _settings = null!;
    private int _people;

    /// <summary>Name of the connector.</summary>
    public string Name => connector;

    /// <summary>Plain settings of the destination under test, for a vendor that needs some.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>Prepares what the vendor's administrator would have prepared.</summary>
    protected virtual void Prepare(SandboxServer server)
    {
    }

    /// <summary>
    /// Makes people whom the vendor knows by an alias only, as its own SDK would. Needed where <see cref="Operation.IdentifyProfile"/> is offered.
    /// </summary>
    /// <param name="vendor">Calls the sandbox below its base URL.</param>
    /// <param name="credentials">What the sandbox accepts, by the name of the setting.</param>
    /// <param name="aliases">The aliases.</param>
    protected virtual Task KnowByAliasAsync(HttpClient vendor, IReadOnlyDictionary<string, string> credentials, IReadOnlyList<ProfileAlias> aliases)
        => throw new NotSupportedException($"{connector} offers {Operation.IdentifyProfile}: say how people get an alias at the vendor.");

    private IConnectorFactory Factory => ConnectorFleet.Factories[connector];

    private ConnectorDescriptor Descriptor => Factory.Descriptor;

    private VendorRoom Room => _server[connector];

    [OneTimeSetUp]
    public async Task StartSandbox()
    {
        _server = await SandboxServer.StartAsync(new SandboxOptions { Quotas = false, ApplyDelay = TimeSpan.FromMilliseconds(4) }, CancellationToken.None);
        _settings = new DestinationSettings
        {
            Name = "conformance",
            BaseUrl = _server.BaseUrl(connector),
            IdentityKey = Descriptor.DefaultIdentityKey,
            Values = Settings,
            Secrets = Room.Vendor.Credentials.ToDictionary(secret => secret.Key, secret => (Func<string?>)(() => secret.Value)),
        };
    }

    [OneTimeTearDown]
    public async Task StopSandbox()
    {
        await _server.DisposeAsync();
        _transport.Dispose();
        _logs.Dispose();
    }

    [SetUp]
    public void StartAfresh()
    {
        Room.Reset();
        Prepare(_server);
        _transport.Clear();
        _logs.Clear();
    }

    [TearDown]
    public void LeakNothing()
    {
        foreach (var secret in Room.Vendor.Credentials.Values.Append(Canary))
        {
            Assert.That(_logs.Lines, Has.None.Contains(secret).IgnoreCase, "A log line holds a secret or personal data.");
            Assert.That(_transport.Uris.Select(uri => uri.PathAndQuery), Has.None.Contains(secret).IgnoreCase, "A URL holds a secret or personal data.");
        }

        Assert.That(_transport.UserAgents, Has.All.Match(@"^IntegrationHub/\d+\.\d+\.\d+ \(\+https://\S+\)$"), "A call does not say who makes it.");
    }

    /// <summary>Runs a check; a waived one must fail, or its waiver is stale.</summary>
    private async Task HoldAsync(Func<Task> check, [CallerMemberName] string name = "")
    {
        if (Waivers.Find(connector, name) is not { } waiver)
        {
            await check();
            return;
        }

        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            try
            {
                await check();
            }
            catch (NUnit.Framework.ResultStateException e) when (e.Message.Contains(waiver.Failure, StringComparison.Ordinal))
            {
                TestContext.Out.WriteLine($"Waived: {waiver.Reason}");
                return;
            }
        }

        Assert.Fail($"The waiver of {name} for {connector} is stale: the check passes. Remove it.");
    }

    /// <summary>Runs a check of an operation that the connector offers.</summary>
    private Task HoldAsync(Operation operation, Func<Task> check, [CallerMemberName] string name = "")
    {
        if (!Descriptor.Operations.ContainsKey(operation))
        {
            return Task.CompletedTask;
        }

        return HoldAsync(check, name);
    }

    private IConnector Connect(DestinationSettings? settings = null, TimeSpan? timeout = null, ICallGate? gate = null, TimeProvider? time = null, IVendorNotices? notices = null) => Factory.Create(new ConnectorContext
    {
        Settings = settings ?? _settings,
        Transport = _transport,
        CallTimeout = timeout ?? Poll.Patience,
        Time = time ?? TimeProvider.System,
        Notices = notices,
        Loggers = _logs,
    })(gate ?? OpenGate.Instance);

    private static async Task<AudienceTarget> EnsureAsync(IConnector connector)
    {
        var result = await connector.EnsureAudienceAsync(new AudienceRequest("conformance", "Conformance"), CancellationToken.None);
        Assert.That(result.Condition, Is.Null);
        return result.Target!;
    }

    private BatchItem[] People(int count) => [.. Enumerable.Range((_people += count) - count, count).Select(id => Samples.Person(id, words))];

    private static BatchItem[] WithoutFields(IEnumerable<BatchItem> items) => [.. items.Select(item => item with { Fields = [] })];

    private static Batch BatchOf(Operation operation, AudienceTarget? audience, IReadOnlyList<BatchItem> items) => new()
    {
        Operation = operation,
        Audience = operation is Operation.AddMember or Operation.RemoveMember ? audience : null,
        Items = items,
    };

    /// <summary>Delivers and holds the receipt to what every receipt owes.</summary>
    private static async Task<Dictionary<long, RecordOutcome>> DeliverAsync(
        IConnector connector, Batch batch, Action<Receipt>? look = null, CancellationToken cancellationToken = default)
    {
        var receipt = await connector.DeliverAsync(batch, cancellationToken);
        Assert.Multiple(() =>
        {
            Assert.That(receipt.Outcomes.Select(outcome => outcome.RecordId), Is.EquivalentTo(batch.Items.Select(item => item.RecordId)), "One outcome per record.");
            foreach (var outcome in receipt.Outcomes)
            {
                Assert.That(outcome.Code, outcome.Outcome is Outcome.Delivered or Outcome.Unchanged ? Is.Null : Is.Not.Null, $"The code of {outcome.Outcome}");
                AssertIsCode(outcome.Code);
            }

            AssertIsCode(receipt.Condition?.Code);
            Assert.That(
                receipt.Condition is not null || receipt.Outcomes.All(outcome => outcome.Outcome != Outcome.NotSent),
                "NotSent needs a condition that says why.");
        });
        look?.Invoke(receipt);
        return receipt.Outcomes.ToDictionary(outcome => outcome.RecordId);
    }

    /// <summary>Delivers as the hub would: again and again what may still succeed, with the remote ids it learned.</summary>
    private static async Task<Dictionary<long, RecordOutcome>> DeliverUntilSettledAsync(IConnector connector, Batch batch)
    {
        var settled = new Dictionary<long, RecordOutcome>();
        var open = batch.Items;
        for (var round = 0; open.Count > 0 && round < 5; round++)
        {
            var outcomes = await DeliverAsync(connector, batch with { Items = open });
            foreach (var outcome in outcomes.Values.Where(outcome => outcome.Outcome is not (Outcome.RetryLater or Outcome.NotSent)))
            {
                settled.Add(outcome.RecordId, outcome);
            }

            open = [.. open.Where(item => !settled.ContainsKey(item.RecordId))
                .Select(item => item with { RemoteId = outcomes[item.RecordId].RemoteId ?? item.RemoteId })];
        }

        Assert.That(open, Is.Empty, "Records that never settle.");
        return settled;
    }

    private static BatchItem[] Learned(IEnumerable<BatchItem> items, Dictionary<long, RecordOutcome> outcomes)
        => [.. items.Select(item => item with { RemoteId = outcomes[item.RecordId].RemoteId })];

    /// <summary>The members among the given people, however the connector reads members back.</summary>
    private SandboxPerson? Find(string key) => Room.Vendor.People().FirstOrDefault(person => person.Keys.Values.Contains(key));

    private async Task AssertMembersAsync(AudienceTarget target, IEnumerable<BatchItem> members, IEnumerable<BatchItem> others)
    {
        var expected = members.Select(item => item.Key).ToHashSet();
        var strangers = others.Select(item => item.Key).ToHashSet();
        await Poll.UntilAsync(
            () =>
            {
                var actual = Room.Vendor.People()
                    .Where(person => person.Memberships.Contains(target.RemoteRef))
                    .SelectMany(person => person.Keys.Values)
                    .ToHashSet();
                return Room.Vendor.IsSettled && actual.IsSupersetOf(expected) && !actual.Overlaps(strangers);
            },
            "the vendor's own state holds exactly the members");
        Assert.That(Room.Vendor.Duplicates, Is.Zero, "Duplicates at the vendor.");
    }

    private string? FieldOf(string key) => FieldOf(Find(key));

    private string? FieldOf(SandboxPerson? person)
        => person?.Fields.GetValueOrDefault(words.TextField) is { } json ? JsonSerializer.Deserialize<string>(json) : null;

    private static void AssertIsCode(string? code) => Assert.That(
        code is null || (Code().IsMatch(code) && !code.Contains(Canary, StringComparison.OrdinalIgnoreCase)), $"'{code}' is no reason code.");

    [GeneratedRegex("^[a-z][a-z0-9]*(_[A-Za-z0-9.]+)*$")]
    private static partial Regex Code();
}
