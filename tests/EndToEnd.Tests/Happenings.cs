using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using MassTransit;

namespace EndToEnd.Tests;

/// <summary>What made-up customers do, and what the vendors keep of it.</summary>
internal static class Happenings
{
    public const string Viewed = "product_viewed";

    public static BehaviorTracked View(string externalId, DateTimeOffset at, string product = "p-1") => new()
    {
        EventId = NewId.NextGuid(),
        OccurredAt = at,
        Producer = "webshop",
        Subject = new Subject { ExternalId = externalId },
        Payload = new TrackedBehavior
        {
            Name = Viewed,
            Properties = new Dictionary<string, JsonElement> { ["product_id"] = JsonSerializer.SerializeToElement(product), ["price"] = JsonSerializer.SerializeToElement(12.5) },
        },
    };

    /// <summary>The fact as intake hands it to the ledger.</summary>
    public static LedgerFact Stored(BehaviorTracked happened) => new()
    {
        EventId = happened.EventId,
        EventType = happened.EventType,
        OccurredAt = happened.OccurredAt,
        Producer = happened.Producer,
        ExternalId = happened.Subject.ExternalId,
        EventName = happened.Payload.Name,
        BodyJson = JsonSerializer.Serialize(happened),
    };

    /// <summary>How often the vendor keeps each event, by the hub's id of it.</summary>
    public static async Task<Dictionary<Guid, int>> AtAsync(HttpClient sandbox, string vendor)
    {
        var lines = await sandbox.GetStringAsync($"/{vendor}/_sandbox/events");
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetGuid())
            .CountBy(id => id).ToDictionary();
    }

    /// <summary>Waits until what the vendor took is visible.</summary>
    public static Task SettleAsync(HttpClient sandbox, string vendor) => Poll.Until(
        async () => JsonDocument.Parse(await sandbox.GetStringAsync($"/{vendor}/_sandbox/stats")).RootElement.GetProperty("settled").GetBoolean(), $"{vendor} to show what it took");

    /// <summary>Deliveries that wait in the hub.</summary>
    public static async Task<long> PendingAsync(HubProcess hub) => (await hub.GetAsync("/v1/destinations")).GetProperty("items").EnumerateArray()
        .Sum(destination => destination.GetProperty("backlog").EnumerateArray().Sum(lane => lane.GetProperty("pending").GetInt64()));

    /// <summary>Reason codes of a destination's dead letters by event.</summary>
    public static async Task<Dictionary<Guid, string>> LettersAsync(HubProcess hub, string vendor)
    {
        var letters = new Dictionary<Guid, string>();
        for (var after = ""; ;)
        {
            var page = await hub.GetAsync($"/v1/dead-letters?destination={vendor}&limit=1000&after={after}");
            foreach (var letter in page.GetProperty("items").EnumerateArray().Where(letter => letter.GetProperty("event_id").ValueKind == JsonValueKind.String))
            {
                letters.Add(letter.GetProperty("event_id").GetGuid(), letter.GetProperty("code").GetString()!);
            }

            if (page.GetProperty("next").GetString() is not { } next)
            {
                return letters;
            }

            after = next;
        }
    }

    /// <summary>
    /// The promise about events: each is at its vendor once, or absent and explained by a dead letter; only one that is marked ambiguous may be
    /// there although it is a dead letter.
    /// </summary>
    /// <param name="vendor">Where.</param>
    /// <param name="stated">What should have arrived.</param>
    /// <param name="kept">What the vendor keeps.</param>
    /// <param name="letters">Reason codes of the dead letters by event.</param>
    public static void ShouldBeAccountedFor(string vendor, IReadOnlyCollection<Guid> stated, Dictionary<Guid, int> kept, Dictionary<Guid, string> letters)
    {
        TestContext.Out.WriteLine(
            $"{vendor}: {stated.Count} stated, {kept.Count} kept, {letters.Count} dead letters, {letters.Count(letter => letter.Value == "ambiguous")} ambiguous of which {letters.Count(letter => letter.Value == "ambiguous" && kept.ContainsKey(letter.Key))} are there");
        Assert.Multiple(() =>
        {
            Assert.That(kept.Where(entry => entry.Value > 1), Is.Empty, $"{vendor} keeps events twice");
            Assert.That(kept.Keys.Except(stated), Is.Empty, $"{vendor} keeps events that nobody owed");
            Assert.That(stated.Where(id => !kept.ContainsKey(id) && !letters.ContainsKey(id)), Is.Empty, $"{vendor}: events are lost");
            Assert.That(letters.Where(letter => letter.Value != "ambiguous" && kept.ContainsKey(letter.Key)), Is.Empty, $"{vendor}: the hub is sure that they did not arrive");
        });
    }
}
