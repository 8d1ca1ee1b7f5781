using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Who unsubscribed, whose mail came back and whose number is dead. Braze lists them by day, newest first, and pages by offset, so that what is added or taken away
/// meanwhile moves the rest: pages overlap, and the last two days are read anew every time.
/// </summary>
internal sealed class BrazeFeeds(BrazeClient client, TimeProvider time)
{
    /// <summary>Entries that a page shares with the one before: as many may have been taken from the list in between.</summary>
    private const int Overlap = 50;
    private const char Separator = ' ';

    private static readonly Dictionary<string, Feed> _feeds = new(StringComparer.Ordinal)
    {
        ["unsubscribes"] = new(BrazeApiVersion.Unsubscribes, OptOutKind.MarketingEmail, UnsubscribesAnswer.Parse),
        ["hard_bounces"] = new(BrazeApiVersion.HardBounces, OptOutKind.HardBounce, UnsubscribesAnswer.ParseBounces),
        ["invalid_phones"] = new(BrazeApiVersion.InvalidPhones, OptOutKind.InvalidPhone, UnsubscribesAnswer.ParsePhones),
    };

    /// <summary>Names of the feeds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _feeds.Keys];

    /// <summary>Reads a page.</summary>
    /// <exception cref="DestinationException">Braze does not say.</exception>
    public async Task<OptOutPage> ReadAsync(OptOutQuestion question, CancellationToken cancellationToken)
    {
        var feed = _feeds[question.Feed];
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var (from, began, offset) = Place(question.Cursor) ?? (DateOnly.FromDateTime(question.Since.UtcDateTime), today, 0);

        // A day begins at midnight UTC, the last one of the range is not part of it, and Braze's clock may be ahead.
        var answer = await client.BefallenAsync(feed.Endpoint, feed.Parse, from, today.AddDays(2), offset, cancellationToken);
        if (BrazeSender.ConditionOf(answer) is { } condition)
        {
            throw new DestinationException(BrazePermissions.Naming(feed.Endpoint, condition)!);
        }

        var optOuts = answer.Body!.OptOuts;
        var isLast = optOuts.Count < UnsubscribesAnswer.PageSize;
        return new OptOutPage(
            [.. optOuts.Select(entry => feed.Read(entry.Email, entry.At))], isLast ? Cursor(began.AddDays(-1), null, 0) : Cursor(from, began, offset + optOuts.Count - Overlap), isLast);
    }

    /// <summary>Where to go on: the first day, and in the midst of a list the day on which it was begun and the offset.</summary>
    private static string Cursor(DateOnly from, DateOnly? began, int offset) => began is { } day
        ? string.Create(CultureInfo.InvariantCulture, $"{from:yyyy-MM-dd}{Separator}{day:yyyy-MM-dd}{Separator}{offset}")
        : from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private (DateOnly From, DateOnly Began, int Offset)? Place(string? cursor)
    {
        var parts = cursor?.Split(Separator) ?? [];
        return parts.Length == 0 ? null
            : parts.Length == 1 ? (Day(parts[0]), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), 0)
            : (Day(parts[0]), Day(parts[1]), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record Feed(VendorEndpoint Endpoint, OptOutKind Kind, Func<ReadOnlyMemory<byte>, UnsubscribesAnswer> Parse)
    {
        public VendorOptOut Read(string address, DateTimeOffset at) => new(string.Create(CultureInfo.InvariantCulture, $"{address}{Separator}{at.ToUnixTimeSeconds()}"), Kind, at)
        {
            Email = Kind == OptOutKind.InvalidPhone ? null : address,
            Phone = Kind == OptOutKind.InvalidPhone ? (address.StartsWith('+') ? address : $"+{address}") : null,
        };
    }
}
