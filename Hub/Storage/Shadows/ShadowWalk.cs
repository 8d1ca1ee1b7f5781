using System.Diagnostics;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Shadows;

/// <summary>
/// Lists the people of whom a shadow and what counts stand so to each other in one thing. Statements, or what counts, are walked along by their number, part by part, and whom each is about is asked of that part
/// alone: a page takes as long for millions as for hundreds. Where nobody is found for long it ends early, with nobody or with some, and says where to go on.
/// </summary>
/// <param name="patience">How long a page is looked for, and how long is counted: at least one part of each. Null for as long as a page may take.</param>
/// <param name="firstPart">How many rows the first part has; each has twice as many as the one before, up to <see cref="LargestPart"/>.</param>
public sealed class ShadowWalk(TimeSpan? patience = null, int firstPart = 500)
{
    private const int LargestPart = 4_000;
    private static readonly TimeSpan _usual = TimeSpan.FromSeconds(0.6);
    private readonly TimeSpan _patience = patience ?? _usual;

    /// <summary>A page.</summary>
    /// <param name="db">The database.</param>
    /// <param name="source">The shadow.</param>
    /// <param name="kind">See <see cref="ShadowKind"/>.</param>
    /// <param name="name">The attribute, the kind of key or the audience.</param>
    /// <param name="state">See <see cref="ShadowState"/>.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>A page; its count is that of the people who were found in time, and more may follow where it is capped.</returns>
    /// <exception cref="MalformedPlaceException">The place is none of this list.</exception>
    public async Task<Page<ShadowDifference>> ListAsync(HubDbContext db, string source, string kind, string name, string state, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var road = new ShadowRoad(session, source, kind, name, state);
        var after = string.IsNullOrEmpty(ask.After) ? 0 : (long)PlaceText.Read(ask.After, PlaceKind.Number)[0];
        var found = new List<(long Place, ShadowDifference Person)>();
        var end = await WalkAsync(road, after, async (from, to) =>
        {
            found.AddRange(await road.ReadAsync(from, to, ask.Limit + 1 - found.Count, cancellationToken));
            return found.Count <= ask.Limit;
        }, cancellationToken);

        var count = 0L;
        var counted = await WalkAsync(road, 0, async (from, to) => (count += await road.CountAsync(from, to, Page.MostCounted + 1 - count, cancellationToken)) <= Page.MostCounted, cancellationToken);
        var items = found.Take(ask.Limit).ToList();
        var next = found.Count > ask.Limit ? items[^1].Place : end;
        count = Math.Max(count, items.Count);
        return new Page<ShadowDifference>([.. items.Select(row => row.Person)], next is { } place ? PlaceText.Of(place) : null, Math.Min(count, Page.MostCounted), counted is not null || count > Page.MostCounted);
    }

    /// <summary>Goes along part by part for as long as it is patient and the part says to go on.</summary>
    /// <returns>Where it stopped; null at the end of the road.</returns>
    private async Task<long?> WalkAsync(ShadowRoad road, long after, Func<long, long, Task<bool>> look, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var part = firstPart; await road.EndOfPartAsync(after, part, cancellationToken) is { } end; part = Math.Min(2 * part, LargestPart))
        {
            var goesOn = await look(after, end);
            after = end;
            if (!goesOn || Stopwatch.GetElapsedTime(begun) >= _patience)
            {
                return await road.EndOfPartAsync(after, 1, cancellationToken) is null && goesOn ? null : after;
            }
        }

        return null;
    }
}
