using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_a_destination_is_set_up
{
    private const string Account = """{"portalId":62515,"timeZone":"Etc/UTC"}""";

    [Test]
    public void Should_be_found_once_by_its_name()
    {
        using var services = new ServiceCollection().AddHubSpot().AddHubSpot().BuildServiceProvider();

        Assert.That(services.GetServices<IConnectorFactory>().Select(static f => f.Descriptor.Name), Is.EqualTo(new[] { "hubspot" }));
    }

    [Test]
    public void Should_accept_good_settings()
    {
        using var hubspot = new ScriptedHubSpot();

        Assert.That(Validate(hubspot.Settings("email", ("membership_batch_size", "1"), ("portal_id", "62515"), ("account_time_zone", "UTC"))), Is.Empty);
    }

    [Test]
    public void Should_name_every_error_at_once()
    {
        using var hubspot = new ScriptedHubSpot { Token = " " };
        var settings = hubspot.Settings("Hub External Id",
            ("membership_batch_size", "1001"), ("portal_id", "x"), ("account_time_zone", "Mars/Olympus"), ("membership_batchsize", "1"))
            with { BaseUrl = new Uri("ftp://example.test") };

        Assert.That(Validate(settings).Select(static e => e.Setting), Is.EquivalentTo(new[]
        {
            "access_token", "base_url", "identity_key", "membership_batch_size", "portal_id", "account_time_zone", "membership_batchsize",
        }));
        Assert.That(Validate(settings), Has.All.Matches<SettingError>(static e => e!.Problem.Length > 0 && e.Fix.Length > 0));
    }

    [Test]
    public void Should_refuse_HubSpots_own_record_id_as_key()
    {
        using var hubspot = new ScriptedHubSpot();

        Assert.That(Validate(hubspot.Settings("hs_object_id")).Single().Setting, Is.EqualTo("identity_key"));
    }

    [Test]
    public async Task Should_refuse_a_token_of_another_account()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Account);

        Assert.That(await hubspot.Connect("email", ("portal_id", "1")).CheckAsync(default),
            Is.EqualTo(new DestinationCondition(DestinationTrouble.Misconfigured, "token_of_another_account")));
    }

    [Test]
    public async Task Should_wait_for_midnight_of_the_account_that_the_check_has_seen()
    {
        using var hubspot = new ScriptedHubSpot { Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 23, 30, 0, TimeSpan.Zero)) }
            .Answer(200, Account)
            .Answer(429, """{"policyName":"DAILY"}""");
        var connector = hubspot.Connect();
        await connector.CheckAsync(default);

        var receipt = await connector.DeliverAsync(Of(Operation.UpsertProfile, Person(1)), default);

        Assert.That(receipt.Condition!.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(30)));
    }

    [Test]
    public async Task Should_find_the_list_that_somebody_else_made_meanwhile()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(404)
            .Answer(400, """{"category":"VALIDATION_ERROR"}""")
            .Answer(200, """{"list":{"listId":"612","processingType":"MANUAL","objectTypeId":"0-1"}}""");

        var result = await hubspot.Connect().EnsureAudienceAsync(new("spring", "Spring"), default);

        Assert.That(result, Is.EqualTo(new EnsureAudienceResult(new AudienceTarget("spring", "612"), null)));
    }

    [TestCase(404, "{}", ReasonCode.AudienceGone)]
    [TestCase(200, """{"list":{"listId":"611","processingType":"DYNAMIC","objectTypeId":"0-1"}}""", "list_not_manual")]
    [TestCase(200, """{"list":{"listId":"611","processingType":"MANUAL","objectTypeId":"0-2"}}""", "list_not_of_contacts")]
    public async Task Should_not_use_a_list_that_does_not_serve(int status, string body, string code)
    {
        using var hubspot = new ScriptedHubSpot().Answer(status, body);

        var result = await hubspot.Connect().EnsureAudienceAsync(new("spring", "Spring", "611"), default);

        Assert.That(result, Is.EqualTo(new EnsureAudienceResult(null, new DestinationCondition(DestinationTrouble.Misconfigured, code))));
        Assert.That(hubspot.Sent, Has.Count.EqualTo(1), "nothing is made anew");
    }

    [Test]
    public void Should_say_what_is_wrong_when_members_cannot_be_listed()
    {
        using var hubspot = new ScriptedHubSpot().Answer(503);

        Assert.That(async () => await hubspot.Connect().ListMembersAsync(Audience, default).GetAsyncEnumerator().MoveNextAsync(),
            Throws.InstanceOf<DestinationException>().With.Property("Condition").EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "hubspot_503")));
    }

    private static IReadOnlyList<SettingError> Validate(DestinationSettings settings) => new HubSpotConnectorFactory().Validate(settings);
}
