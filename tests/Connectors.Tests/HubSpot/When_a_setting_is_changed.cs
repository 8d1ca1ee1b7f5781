using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

/// <summary>A setting that does nothing is refused: each one of the descriptor must change what is sent or what is said.</summary>
public sealed class When_a_setting_is_changed
{
    private static readonly (string Setting, string Value, Func<HubSpotConnector, Task<string>> Use)[] Uses =
    [
        ("membership_batch_size", "1", static connector => SayAsync(connector, Of(Operation.RemoveMember, Item(1, "501"), Item(2, "502")))),
        ("portal_id", "4711", static async connector => $"{await connector.CheckAsync(default)}"),
        ("account_time_zone", "Asia/Kathmandu", static connector => SayAsync(connector, Of(Operation.UpsertProfile, Person(429)))),
        ("consent_calls", "single", static connector => SayAsync(connector, Consent())),
        ("legal_basis", "NON_GDPR", static connector => SayAsync(connector, Consent())),
    ];

    private static IEnumerable<string> Settings => HubSpotDescriptor.Instance.Settings.Where(static setting => !setting.Secret).Select(static setting => setting.Name);

    [TestCaseSource(nameof(Settings))]
    public async Task Should_send_or_say_something_else(string setting)
    {
        var (_, value, use) = Uses.Single(known => known.Setting == setting);

        Assert.That(await RunAsync(use, (setting, value)), Is.Not.EqualTo(await RunAsync(use)));
    }

    private static async Task<string> RunAsync(Func<HubSpotConnector, Task<string>> use, params (string Name, string Value)[] settings)
    {
        using var hubspot = new ScriptedHubSpot { Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero)) };
        for (var call = 0; call < 10; call++)
        {
            hubspot.Answer(static request => new HttpResponseMessage(
                request.Body.Contains("person429", StringComparison.Ordinal) ? System.Net.HttpStatusCode.TooManyRequests : System.Net.HttpStatusCode.OK)
            {
                Content = new StringContent("""{"portalId":62515,"policyName":"DAILY","results":[],"recordIdsRemoved":["501","502"]}"""),
            });
        }

        return $"{await use(hubspot.Connect("hub_external_id", settings))}\n{string.Join('\n', hubspot.Sent)}";
    }

    private static async Task<string> SayAsync(HubSpotConnector connector, Batch batch)
        => $"{(await connector.DeliverAsync(batch, CancellationToken.None)).Condition}";

    private static Batch Consent() => Of(Operation.SetConsent, Item(1) with
    {
        Consent = new ConsentChange { Email = "ann@example.test", Topics = [new TopicConsent("7", false)], DecidedAt = DateTimeOffset.UnixEpoch },
    });
}
