using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>Compares what goes out, method and address and headers and body, with the files under Approved.</summary>
public sealed class When_requests_are_sent
{
    private static readonly Field[] EveryKind =
    [
        new("email", FieldValue.Of("Zoë.O'Neil@example.test")),
        new("first_name", FieldValue.Of("Zoë \"Z\" <b>&amp;</b>\n\u0000 张")),
        new("annual_income", FieldValue.Of(90000.50m)),
        new("home_owner", FieldValue.Of(true)),
        new("newsletter", FieldValue.Of(false)),
        new("dob", FieldValue.Of(new DateOnly(1966, 4, 8))),
        new("last_seen", FieldValue.Of(new DateTimeOffset(2026, 11, 21, 8, 30, 15, 250, TimeSpan.FromHours(1)))),
        new("occupation", FieldValue.Null),
    ];

    [TestCase(Operation.AddMember, "external_id", "add-members")]
    [TestCase(Operation.UpsertProfile, "external_id", "upsert-profiles")]
    [TestCase(Operation.RemoveMember, "external_id", "remove-members")]
    [TestCase(Operation.AddMember, "email", "add-members-by-email")]
    public async Task Should_deliver_as_approved(Operation operation, string identityKey, string name)
    {
        using var braze = new ScriptedBraze().Answer(201, ScriptedBraze.Success);
        var items = new[] { ScriptedBraze.Person(41, EveryKind), ScriptedBraze.Person(42) };
        if (identityKey == "email")
        {
            items = [.. items.Select(item => item with { Key = $"{item.Key}@example.test", Fields = [.. item.Fields.Where(field => field.Name != "email")] })];
        }

        await braze.Connect(identityKey).DeliverAsync(ScriptedBraze.Of(operation, items), default);

        Approve(braze, name);
    }

    [TestCase("external_id", "look-up-members")]
    [TestCase("email", "look-up-members-by-email")]
    public async Task Should_read_members_back_as_approved(string identityKey, string name)
    {
        using var braze = new ScriptedBraze().Answer(200, """{"message":"success","users":[]}""");
        var connector = braze.Connect(identityKey);
        await connector.LookUpMembersAsync(ScriptedBraze.Audience, identityKey == "email" ? ["c-41@example.test"] : ["c-41", "c-42"], default);

        Approve(braze, name);
    }

    [Test]
    public async Task Should_check_the_destination_as_approved()
    {
        using var braze = new ScriptedBraze()
            .Answer(200, """{"message":"success","users":[],"invalid_user_ids":["integrationhub-check"]}""")
            .Answer(400, """{"message":"Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."}""");

        Assert.That(await braze.Connect().CheckAsync(default), Is.Null);
        Approve(braze, "check");
    }

    [Test]
    public async Task Should_call_nobody_to_ensure_an_audience()
    {
        using var braze = new ScriptedBraze();
        var ensured = await braze.Connect().EnsureAudienceAsync(new AudienceRequest("spring-buyers", "Spring buyers"), default);

        Assert.That(ensured.Target, Is.EqualTo(new AudienceTarget("spring-buyers", "aud_spring-buyers")));
        Assert.That(braze.Sent, Is.Empty);
    }

    [TestCase("vip", "vip")]
    [TestCase("email", null)]
    [TestCase("$add", null)]
    [TestCase("_update_existing_only", null)]
    [TestCase(" padded", null)]
    public async Task Should_take_only_an_attribute_name_that_braze_can_hold(string configured, string? expected)
    {
        using var braze = new ScriptedBraze();
        var ensured = await braze.Connect().EnsureAudienceAsync(new AudienceRequest("spring", "Spring", configured), default);

        Assert.That(ensured.Target?.RemoteRef, Is.EqualTo(expected));
        Assert.That(ensured.Condition?.Code, expected is null ? Is.EqualTo("braze_bad_attribute_name") : Is.Null);
    }

    private static void Approve(ScriptedBraze braze, string name, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Approved", $"{name}.txt");
        var sent = string.Join('\n', braze.Sent);
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.That(sent, Is.EqualTo(approved), $"If the change is meant, write this to {Path.GetFileName(file)}:\n{sent}");
    }
}
