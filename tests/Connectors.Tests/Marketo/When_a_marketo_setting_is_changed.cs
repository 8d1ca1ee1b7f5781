using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

/// <summary>No setting is ignored without a word: each changes what is asked for, or is refused.</summary>
public sealed class When_a_marketo_setting_is_changed
{
    private static readonly Dictionary<string, (string Value, Func<string, string?, Task<string>> Observe)> Observations = new()
    {
        [MarketoOptions.ClientId] = ("another-client", TokenAsync),
        [MarketoOptions.ClientSecret] = ("another-secret", TokenAsync),
        [MarketoOptions.FolderId] = ("1034", (name, value) => AskedAsync(new ScriptedMarketo().Rows().Rows(Row(9, "")), Ensure, value is null ? [] : [(name, value)])),
        [MarketoOptions.FolderType] = ("Program", (name, value) => AskedAsync(new ScriptedMarketo().Rows().Rows(Row(9, "")), Ensure, [(MarketoOptions.FolderId, "7"), .. Set(name, value)])),
        [MarketoOptions.PartitionName] = ("EU", (name, value) => AskedAsync(new ScriptedMarketo().Rows(Row(501, "created")), Upsert, [.. Set(name, value)])),
        [MarketoOptions.EventIdAttribute] = ("quantity", (name, value) => AskedAsync(
            new ScriptedMarketo().Rows(PurchaseType).Rows(PurchaseAttributes).Rows("""{"id":1,"status":"added"}"""), Track, [.. Set(name, value)])),
        [MarketoOptions.CallsPerDay] = ("1000", BudgetAsync),
        [MarketoOptions.ExtractFrom] = ("3000", (name, value) => Task.FromResult($"{new ScriptedMarketo().Connect("email", [.. Set(name, value)]).ExtractFrom}")),
        [MarketoOptions.ImportFrom] = ("3000", (name, value) => Task.FromResult($"{new ScriptedMarketo().Connect("email", [.. Set(name, value)]).BulkOperations.Values.First().MinRecords}")),
    };

    private static IEnumerable<string> Names => MarketoDescriptor.Value.Settings.Select(setting => setting.Name);

    [TestCaseSource(nameof(Names))]
    public async Task Should_change_what_is_asked_for(string name)
    {
        var (value, observe) = Observations[name];
        Assert.That(await observe(name, value), Is.Not.EqualTo(await observe(name, null)));
    }

    [Test]
    public void Should_be_refused_where_it_would_change_nothing()
    {
        using var marketo = new ScriptedMarketo();
        Assert.That(
            MarketoOptions.Validate(marketo.Settings("email", (MarketoOptions.FolderType, "Program"))).Select(error => error.Setting), Is.EqualTo(new[] { MarketoOptions.FolderType }));
    }

    private static IEnumerable<(string, string)> Set(string name, string? value) => value is null ? [] : [(name, value)];

    private static Task Ensure(MarketoConnector connector) => connector.EnsureAudienceAsync(new("spring", "Hub: spring"), default);

    private static Task Upsert(MarketoConnector connector) => connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

    private static Task Track(MarketoConnector connector) => connector.DeliverAsync(
        Of(Operation.TrackEvent, Buying(1, "501") with { Event = Buying(1).Event! with { Purchase = null, Properties = [new("productId", FieldValue.Of("sku"))] } }), default);

    private static async Task<string> AskedAsync(ScriptedMarketo marketo, Func<MarketoConnector, Task> act, (string, string)[] values)
    {
        using (marketo)
        {
            await act(marketo.Connect("email", values));
            return string.Concat(marketo.Sent);
        }
    }

    private static async Task<string> TokenAsync(string name, string? value)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created"));
        if (value is not null)
        {
            marketo.Secrets[name] = () => value;
        }

        await Upsert(marketo.Connect());
        return marketo.Sent[0];
    }

    private static async Task<string> BudgetAsync(string name, string? value)
    {
        var gate = new WatchedGate();
        using var marketo = new ScriptedMarketo { Gate = gate }
            .Rows("""{"searchableFields":[["email"]],"fields":[]}""").Rows("""{"date":"2026-11-21","total":40}""");
        await marketo.Connect("email", [.. Set(name, value)]).CheckAsync(default);
        return string.Concat(gate.Told);
    }
}
