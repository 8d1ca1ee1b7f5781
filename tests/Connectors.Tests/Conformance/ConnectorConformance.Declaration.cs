using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_declare_itself_completely() => HoldAsync(() =>
    {
        Assert.Multiple(() =>
        {
            Assert.That(Descriptor.Name, Is.EqualTo(connector).And.Match("^[a-z][a-z0-9]*$"));
            Assert.That(Connect().Descriptor, Is.EqualTo(Descriptor));
            Assert.That(Descriptor.DisplayName, Is.Not.Empty);
            Assert.That(Descriptor.AudienceRepresentation, Is.Not.Empty);
            Assert.That(Descriptor.IdentityKeys, Does.Contain(Descriptor.DefaultIdentityKey));
            Assert.That(Descriptor.Operations.Keys, Is.SupersetOf([Operation.UpsertProfile, Operation.AddMember, Operation.RemoveMember]));
            Assert.That(Descriptor.Operations.Values, Has.All.Matches<OperationLimits>(limits => limits is { MaxRecords: > 0, MaxBytes: > 0 }));
            Assert.That(Descriptor.MaxConcurrency, Is.Positive);
            Assert.That(Descriptor.RateLimits, Is.Not.Empty);
            Assert.That(Descriptor.RateLimits, Has.All.Matches<RateLimit>(limit => limit!.Calls > 0 && limit.Window > TimeSpan.Zero && limit.Scope != ""));
            Assert.That(Descriptor.Settings.Select(setting => setting.Name), Is.Unique.And.All.Match("^[a-z][a-z0-9_]*$"));
            Assert.That(Descriptor.Settings, Has.All.Matches<ConnectorSetting>(setting => setting!.Description != "" && !(setting.Secret && setting.Default is not null)));
            Assert.That(Descriptor.Settings.Where(setting => setting.Secret).Select(setting => setting.Name), Is.EquivalentTo(Room.Vendor.Credentials.Keys));
            Assert.That(Descriptor.Endpoints, Is.Not.Empty);
            Assert.That(Descriptor.Endpoints, Has.All.Matches<VendorEndpoint>(endpoint => endpoint!.Documentation.Scheme == "https" && endpoint.ApiVersion != ""));
        });
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_have_the_abilities_that_its_operations_need() => HoldAsync(() =>
    {
        var connected = Connect();
        var bulk = (connected as IBulkDelivery)?.BulkOperations ?? new Dictionary<Operation, BulkLimits>();
        Assert.Multiple(() =>
        {
            Assert.That(connected, Is.InstanceOf<IProfileReading>(), "Erasures, merges and changed keys are proven by reading back.");
            Assert.That((connected as IProfileReading)?.MaxKeysPerRead, Is.Positive);
            Assert.That(Descriptor.Operations.Values, Has.All.Matches<OperationLimits>(limits => limits!.CallsPerBatch >= 1));
            Assert.That(Descriptor.Operations.Where(pair => pair.Key != Operation.TrackEvent), Has.All.Matches<KeyValuePair<Operation, OperationLimits>>(
                pair => pair.Value.RepeatIsHarmless), "By the contract everything but an event may be repeated.");
            Assert.That(bulk.Keys, Is.SubsetOf(Descriptor.Operations.Keys));
            Assert.That(bulk.Values, Has.All.Matches<BulkLimits>(limits => limits is { MinRecords: > 0, MaxBytes: > 0 }
                && limits.MaxRecords >= limits.MinRecords && limits.PollInterval > TimeSpan.Zero));
        });
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_limit_only_endpoints_that_it_declares() => HoldAsync(() =>
    {
        Assert.Multiple(() =>
        {
            Assert.That(Descriptor.Endpoints.Select(endpoint => (endpoint.Method, endpoint.Path)), Is.Unique);
            Assert.That(Descriptor.RateLimits.Select(limit => limit.Name), Is.Unique.And.All.Match("^[a-z][a-z0-9_]*$"));
            Assert.That(Descriptor.RateLimits.SelectMany(limit => limit.Endpoints).Distinct(), Is.SubsetOf(Descriptor.Endpoints));
            Assert.That(Descriptor.RateLimits.Where(limit => limit.Kind == RateWindow.Day), Has.All.Matches<RateLimit>(
                limit => limit!.Window == TimeSpan.FromDays(1) && TimeZoneInfo.TryFindSystemTimeZoneById(limit.ResetZone, out _)));
        });
        return Task.CompletedTask;
    });

    /// <summary>What is no GET writes people, unless it stands here: a read with a long question, and what is about nobody.</summary>
    private static readonly HashSet<string> _writesNobody = new(
        [
            "/identity/oauth/token", "/rest/v1/leads.json?_method=GET", "/rest/asset/v1/staticLists.json", "/bulk/v1/leads/export/create.json", "/bulk/v1/leads/export/{exportId}/enqueue.json", "/users/export/ids", "/crm/v3/lists",
            "/crm/v3/objects/contacts/batch/read", "/crm/v3/objects/contacts/search", "/crm/v3/lists/records/memberships/batch/read",
            "/communication-preferences/v4/statuses/batch/unsubscribe-all/read", "/communication-preferences/v4/statuses/batch/read",
        ], StringComparer.Ordinal);

    [Test]
    public Task Should_say_of_every_endpoint_that_writes_people_that_it_does() => HoldAsync(() =>
    {
        Assert.That(
            Descriptor.Endpoints.Where(endpoint => endpoint.WritesPeople != (endpoint.Method != "GET" && !_writesNobody.Contains(endpoint.Path))).Select(endpoint => endpoint.Path), Is.Empty);
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_have_a_rate_limit_for_every_endpoint() => HoldAsync(() =>
    {
        Assert.That(Descriptor.Endpoints.Where(endpoint => !Descriptor.RateLimits.Any(limit => limit.Covers(endpoint))).Select(endpoint => endpoint.Path), Is.Empty);
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_call_no_endpoint_that_it_does_not_declare() => HoldAsync(async () =>
    {
        var connected = Connect();
        await connected.CheckAsync(CancellationToken.None);
        var target = await EnsureAsync(connected);
        var items = People(3);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.UpsertProfile, null, items));
        await ReadMembersAsync(connected, target, items, outcomes);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.RemoveMember, target, WithoutFields(items)));

        var declared = Descriptor.Endpoints.Select(endpoint => Template(endpoint.Path)).ToHashSet();
        Assert.That(Room.Stats.Endpoints.Keys.Select(Template), Is.SubsetOf(declared));
    });

    [Test]
    public Task Should_accept_good_settings() => HoldAsync(() =>
    {
        Assert.That(Factory.Validate(_settings), Is.Empty);
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_name_every_bad_setting_at_once() => HoldAsync(() =>
    {
        var secrets = Descriptor.Settings.Where(setting => setting.Secret && setting.Required).Select(setting => setting.Name).ToArray();
        var errors = Factory.Validate(_settings with
        {
            BaseUrl = new Uri("ftp://example.com"),
            IdentityKey = "no such key!",
            Secrets = secrets.ToDictionary(name => name, _ => (Func<string?>)(() => null)),
            Values = new Dictionary<string, string> { ["no_such_setting"] = "1" },
        });
        Assert.Multiple(() =>
        {
            Assert.That(errors.Select(error => error.Setting), Is.SupersetOf(secrets.Concat(["base_url", "identity_key", "no_such_setting"])));
            Assert.That(errors, Has.All.Matches<SettingError>(error => error!.Problem != "" && error.Fix != ""));
        });
        return Task.CompletedTask;
    });

    [Test]
    public Task Should_check_without_changing_anything() => HoldAsync(async () =>
    {
        Assert.That(await Connect().CheckAsync(CancellationToken.None), Is.Null);
        Assert.That(Room.Vendor.People(), Is.Empty);
    });

    [TestCase("wrong-canary")]
    [TestCase(null)]
    public Task Should_say_when_credentials_are_refused_or_missing(string? given) => HoldAsync(async () =>
    {
        var connected = Connect(_settings with { Secrets = _settings.Secrets.ToDictionary(secret => secret.Key, _ => (Func<string?>)(() => given)) });
        Assert.That((await connected.CheckAsync(CancellationToken.None))?.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized));

        var ensured = await connected.EnsureAudienceAsync(new AudienceRequest("conformance", "Conformance", "1"), CancellationToken.None);
        var target = ensured.Target ?? new AudienceTarget("conformance", "1");
        var outcomes = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, People(3)), receipt =>
            Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized)));
        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.NotSent));
    });

    [Test]
    public Task Should_use_a_rotated_secret_without_a_restart() => HoldAsync(async () =>
    {
        var rotated = false;
        var connected = Connect(_settings with
        {
            Secrets = Room.Vendor.Credentials.ToDictionary(secret => secret.Key, secret => (Func<string?>)(() => rotated ? secret.Value : "old-canary")),
        });
        Assert.That((await connected.CheckAsync(CancellationToken.None))?.Trouble, Is.EqualTo(DestinationTrouble.Unauthorized));
        rotated = true;
        Assert.That(await connected.CheckAsync(CancellationToken.None), Is.Null);
    });

    private static string Template(string path) => Parameter().Replace(path.Split('?')[0].Trim('/'), "{}");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
