using System.Text.Json;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>Events of a run of which nobody knows whether the vendor has them: dead letters, which the vendor or a person settles.</summary>
internal sealed class DoubtfulEvents(HubProcess hub, Guid runId)
{
    private const string Destination = "braze";
    private const string Reason = "looked at the vendor";
    private const int PerPage = 1_000;

    /// <summary>Those that wait to be settled.</summary>
    public async Task<List<Letter>> ListAsync(string code)
    {
        var (letters, after) = (new List<Letter>(), "");
        while (true)
        {
            var page = await hub.GetAsync($"/v1/dead-letters?destination={Destination}&run_id={runId}&code={code}&status=open&limit={PerPage}{after}");
            letters.AddRange(page.GetProperty("items").EnumerateArray().Select(letter => new Letter(letter.GetProperty("dead_letter_id").GetInt64(), letter.GetProperty("event_id").GetGuid())));
            if (page.GetProperty("next").GetString() is not { } next)
            {
                return letters;
            }

            after = $"&after={Uri.EscapeDataString(next)}";
        }
    }

    /// <summary>Asks the vendor about all of them.</summary>
    /// <returns>How many it has, by its word.</returns>
    public async Task<long> AskAsync(int count)
    {
        var results = await ActAsync("settle", new { destination = Destination, run_id = runId, code = "ambiguous", by_vendor = true, expected = count });
        return results.Where(result => result.Status == "delivered").Sum(result => result.Count);
    }

    /// <summary>A person who looked says what the vendor has and what it does not have, and sends the latter again.</summary>
    public async Task SettleAsync(IReadOnlyList<Letter> there, IReadOnlyList<Letter> notThere)
    {
        await SettleAsync(there, "delivered");
        await SettleAsync(notThere, "not-delivered");
        await (notThere.Count == 0 ? Task.CompletedTask : ActAsync("replay", new { destination = Destination, ids = IdsOf(notThere), expected = notThere.Count, reason = Reason }));
    }

    private Task SettleAsync(IReadOnlyList<Letter> letters, string word) =>
        letters.Count == 0 ? Task.CompletedTask : ActAsync("settle", new Dictionary<string, object> { ["destination"] = Destination, ["ids"] = IdsOf(letters), ["as"] = word, ["expected"] = letters.Count, ["reason"] = Reason });

    private async Task<List<(string Status, long Count)>> ActAsync(string verb, object body)
    {
        var (status, begun) = await hub.PostAsync($"/v1/dead-letters/{verb}", body);
        Require.That((int)status == 202, begun.ToString());
        var action = await Poll.For(
            () => hub.GetAsync($"/v1/dead-letters/actions/{begun.GetProperty("action_id").GetInt64()}"), shown => shown.GetProperty("finished_at").ValueKind == JsonValueKind.String, $"{verb} to end");
        return [.. action.GetProperty("results").EnumerateArray().Select(result => (result.GetProperty("status").GetString()!, result.GetProperty("count").GetInt64()))];
    }

    private static long[] IdsOf(IReadOnlyList<Letter> letters) => [.. letters.Select(letter => letter.LetterId)];

    /// <summary>A dead letter.</summary>
    /// <param name="LetterId">Its id.</param>
    /// <param name="EventId">The event's.</param>
    internal sealed record Letter(long LetterId, Guid EventId);
}
