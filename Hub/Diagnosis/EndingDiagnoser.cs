using System.Globalization;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Interfaces of vendors that end or should not be called any more, by what vendors say beside answers and by what they announced. Pure.</summary>
internal static class EndingDiagnoser
{
    /// <summary>An end that is announced is told of so long before; what a vendor says beside answers is told of at once.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(90);

    private const int MostNamed = 4;

    /// <summary>One verdict per destination and day of an end, and one per destination for each kind of word without a day.</summary>
    /// <param name="situation">What is known.</param>
    /// <param name="retirements">What is announced of each destination's interfaces, by its name: one for every destination, empty where nothing is. Words of others are not told.</param>
    public static IEnumerable<Verdict> Explain(Situation situation, IReadOnlyDictionary<string, IReadOnlyList<Retirement>> retirements) =>
    [
        .. from known in retirements
           from retirement in known.Value
           where retirement.EndsOn is { } day && Start(day) - situation.At <= Ahead
           select Of(known.Key, retirement, situation.At),
        .. from notice in situation.Notices
           where retirements.ContainsKey(notice.Destination)
           group notice by (notice.Destination, notice.Kind, notice.Code, Day: notice.Kind == NoticeKind.Sunset ? DayOf(notice.At) : null) into said
           where !IsSaidBySunset(said.Key.Destination, said.Key.Kind, said, situation)
           select Of(said.Key.Destination, [.. said], situation.At),
    ];

    private static Verdict Of(string destination, Retirement retirement, DateTimeOffset now)
    {
        var end = Start(retirement.EndsOn!.Value);
        return new Verdict(
            DiagnosisCode.VendorDeprecation,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{destination}: {retirement.What} {(end > now ? "The day is" : "The day was")} {retirement.EndsOn:yyyy-MM-dd}, and the hub calls {Named([.. retirement.Endpoints.Select(endpoint => $"{endpoint.Method} {endpoint.Path}")])}. {retirement.ToDo} The vendor's page: {retirement.Page}"))
        {
            Kind = "interface",
            Subject = string.Create(CultureInfo.InvariantCulture, $"announced {retirement.EndsOn:yyyy-MM-dd}"),
            Destination = destination,
            Since = end - Ahead,
            Left = end - now,
            Action = $"destinations show {destination}",
            Evidence = [string.Create(CultureInfo.InvariantCulture, $"announced by the vendor, read on {retirement.ReadOn:yyyy-MM-dd}")],
        };
    }

    private static Verdict Of(string destination, IReadOnlyList<StoredNotice> said, DateTimeOffset now)
    {
        var (kind, code, at) = (said[0].Kind, said[0].Code, said.Min(notice => notice.At));
        var operations = Named([.. said.Select(notice => notice.Operation)]);
        var (page, successor) = (said.Select(notice => notice.Page).FirstOrDefault(known => known is not null), said.Select(notice => notice.Successor).FirstOrDefault(known => known is not null));
        var word = kind switch
        {
            NoticeKind.Sunset => string.Create(CultureInfo.InvariantCulture, $"the vendor says with its answers that {operations} {(at > now ? "ends" : "has ended")} on {at:yyyy-MM-dd}"),
            NoticeKind.Deprecation => string.Create(CultureInfo.InvariantCulture, $"the vendor says with its answers that {operations} should not be called any more{(at is { } since ? $"{(since > now ? " from" : ", since")} {since:yyyy-MM-dd}{(since > now ? " on" : "")}" : "")}, and names no day of its end"),
            _ => $"the vendor warns with the code {code} in its answers to {operations}",
        };
        return new Verdict(
            DiagnosisCode.VendorDeprecation,
            $"{destination}: {word}. {(kind == NoticeKind.Warning ? "Look the code up in the vendor's pages and at what was sent before it becomes an error." : $"Install a version of the hub that calls {successor ?? "what takes its place"} before that; until then all goes on as before.")}{(page is null ? "" : $" The vendor's page: {page}")}")
        {
            Kind = "interface",
            Subject = string.Create(CultureInfo.InvariantCulture, $"{kind}{(code.Length == 0 ? "" : $" {code}")}{(kind == NoticeKind.Sunset ? $" {at:yyyy-MM-dd}" : "")}"),
            Destination = destination,
            Since = said.Min(notice => notice.FirstSeen),
            Left = kind == NoticeKind.Sunset ? at - now : null,
            Action = $"destinations show {destination}",
            Evidence = [string.Create(CultureInfo.InvariantCulture, $"said with {said.Sum(notice => notice.Count):N0} answers, last at {said.Max(notice => notice.LastSeen):u}")],
        };
    }

    /// <summary>Where the end is told, that it should not be called any more is no news.</summary>
    private static bool IsSaidBySunset(string destination, string kind, IEnumerable<StoredNotice> said, Situation situation) =>
        kind == NoticeKind.Deprecation && said.All(notice => situation.Notices.Any(other => other.Kind == NoticeKind.Sunset && other.Destination == destination && other.Operation == notice.Operation));

    private static string Named(IReadOnlyList<string> operations) => operations.Count <= MostNamed
        ? string.Join(", ", operations)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", operations.Take(MostNamed))} and {operations.Count - MostNamed} more");

    private static DateOnly? DayOf(DateTimeOffset? at) => at is { } known ? DateOnly.FromDateTime(known.UtcDateTime) : null;

    private static DateTimeOffset Start(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
