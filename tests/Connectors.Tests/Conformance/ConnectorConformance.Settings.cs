using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    private static readonly DateTimeOffset Then = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Two values of each plain setting, with whatever other settings they need; both admissible.</summary>
    protected virtual IReadOnlyDictionary<string, (string One, string Other)> SettingChanges { get; } = new Dictionary<string, (string One, string Other)>();

    /// <summary>A setting that is ignored without a word is one too many.</summary>
    [Test]
    public Task Should_do_something_else_when_a_setting_changes() => HoldAsync(async () =>
    {
        var plain = Descriptor.Settings.Where(setting => !setting.Secret).Select(setting => setting.Name).ToArray();
        Assert.That(SettingChanges.Keys, Is.EquivalentTo(plain), "Two values for every setting.");
        foreach (var name in plain)
        {
            var (one, other) = SettingChanges[name];
            var (first, again, second) = (await TraceAsync(name, one), await TraceAsync(name, one), await TraceAsync(name, other));
            Assert.That(again, Is.EqualTo(first), $"Without a change of {name} everything is as before.");
            Assert.That(second, Is.Not.EqualTo(first), $"{name} changes nothing.");
        }
    });

    [Test]
    public Task Should_represent_an_audience_by_the_name_that_is_asked_for() => HoldAsync(async () =>
    {
        var connected = Connect();
        var names = new[] { "conformance_one", "conformance_two", "conformance_one" };
        var refs = new List<string?>();
        foreach (var name in names)
        {
            refs.Add((await connected.EnsureAudienceAsync(new AudienceRequest("conformance", name), CancellationToken.None)).Target?.RemoteRef);
        }

        Assert.That(refs, Has.None.Null);
        Assert.That((refs[0] == refs[1], refs[0] == refs[2]), Is.EqualTo((false, true)), "Another name is another audience at the vendor, the same name the same one.");
    });

    /// <summary>All that a connector does and says with a setting, so written that a second run gives the same.</summary>
    private async Task<string> TraceAsync(string name, string value)
    {
        Room.Reset();
        Prepare(_server);
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl);
        var trace = new List<string>();
        var connected = Connect(_settings with { Values = new Dictionary<string, string>(Settings) { [name] = value } }, gate: gate);
        _transport.Clear();
        _transport.Sending = (request, _) =>
        {
            var body = request.Content?.ReadAsStringAsync().GetAwaiter().GetResult();
            trace.Add($"{request.Method} {request.RequestUri!.PathAndQuery} {body}");
        };
        trace.Add($"{await connected.CheckAsync(CancellationToken.None)}");
        var target = (await connected.EnsureAudienceAsync(new AudienceRequest("conformance", "Conformance"), CancellationToken.None)).Target ?? new AudienceTarget("conformance", "1");
        BatchItem[] people = [.. Enumerable.Range(1, 3).Select(id => WithEmail(Samples.Person(-id, words)))];
        await DoAsync(Operation.AddMember, people);
        await DoAsync(Operation.SetConsent, [.. people.Select(person => person with { Fields = [], Consent = Samples.Consent(person, new TopicConsent(words.Topic, Granted: true)) with { DecidedAt = Then } })]);
        await DoAsync(Operation.TrackEvent, [.. people.Select(person => Samples.Asking(Operation.TrackEvent, person, words)).Select(Dated)]);
        await DoAsync(Operation.RemoveMember, WithoutFields(people));
        _transport.Sending = null;
        trace.AddRange(gate.Readings.Select(told => told.Reading.ResetsIn is { TotalHours: > 1 } resetsIn
            ? string.Create(CultureInfo.InvariantCulture, $"{told.Reading.Limit} {told.Reading.Max} resets in {resetsIn.TotalHours:F0} h")
            : $"{told.Reading.Limit} {told.Reading.Max}"));
        trace.AddRange((connected as IBulkDelivery)?.BulkOperations.Select(bulk => $"{bulk}") ?? []);
        trace.Add($"reads members from a file from {(connected as IMemberExtract)?.ExtractFrom} on");
        return string.Join('\n', trace.Order(StringComparer.Ordinal));

        async Task DoAsync(Operation operation, BatchItem[] items)
        {
            if (Descriptor.Operations.ContainsKey(operation))
            {
                trace.AddRange((await DeliverAsync(connected, BatchOf(operation, target, items))).Values.Select(outcome => $"{operation} {outcome}"));
                await Poll.UntilAsync(() => Room.Vendor.IsSettled, "the vendor is settled");
            }
        }

        static BatchItem Dated(BatchItem item) => item with { Event = item.Event! with { Id = new Guid((int)item.RecordId, 0, 0, new byte[8]), OccurredAt = Then } };
    }
}
