using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Who opted out in Marketo, by a link, a form, a person or the CRM, and whose address is invalid: all of them change fields of the person, so one feed of changed
/// fields tells (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities, "Data value changes"). Changes come to light late,
/// so the last hour is read anew every time.
/// </summary>
internal sealed class MarketoOptOuts(MarketoClient client, TimeProvider time)
{
    /// <summary>Name of the feed.</summary>
    public const string Feed = "lead_changes";

    private const string Unsubscribed = "unsubscribed";
    private const string Blocked = "blackListed";
    private const string Invalid = "emailInvalid";
    private const string Email = "email";
    private const char Separator = ' ';
    private static readonly TimeSpan _late = TimeSpan.FromHours(1);

    /// <summary>Reads a page.</summary>
    /// <exception cref="DestinationException">Marketo does not say.</exception>
    public async Task<OptOutPage> ReadAsync(OptOutQuestion question, CancellationToken cancellationToken)
    {
        var place = Place.Parse(question.Cursor) ?? new Place(question.Since, null, null);
        place = place with { Start = place.Start ?? time.GetUtcNow() };
        var answer = await ReadAsync(place.Token ?? await TokenAsync(place, cancellationToken), question, cancellationToken);
        if (answer.Failure is { } code && place.Token is not null && MarketoOutcomes.For(code).Trouble is null)
        {
            // The token may be too old: the pass is begun anew.
            answer = await ReadAsync(await TokenAsync(place, cancellationToken), question, cancellationToken);
        }

        if (answer.Content is not LeadChanges page)
        {
            throw Trouble(answer);
        }

        return new OptOutPage(
            await FindAsync([.. page.Changes.Where(change => KindOf(change, question.Topics) is not null)], question.Topics, cancellationToken),
            (page.HasMore ? place with { Token = page.Token } : new Place(place.Start.Value - _late, null, null)).ToString(), !page.HasMore);
    }

    private Task<MarketoAnswer> ReadAsync(string token, OptOutQuestion question, CancellationToken cancellationToken) =>
        client.SendAsync(MarketoRequests.ReadChanges(token, [Unsubscribed, Blocked, Invalid, .. question.Topics]), cancellationToken);

    private async Task<string> TokenAsync(Place place, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(MarketoRequests.PagingToken(place.Since), cancellationToken);
        return answer.Content as string ?? throw Trouble(answer);
    }

    /// <summary>Changes name people by Marketo's id alone: their addresses are asked for. Whose address is another and a good one by now bounces no more.</summary>
    private async Task<IReadOnlyList<VendorOptOut>> FindAsync(LeadChange[] changes, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var people = new Dictionary<long, AnswerRow>();
        foreach (var leads in changes.Select(change => change.Lead).Distinct().Chunk(MarketoDescriptor.MaxRecords))
        {
            var answer = await client.SendAsync(MarketoRequests.FindLeads("id", leads.Select(lead => lead.ToString(CultureInfo.InvariantCulture)), [Email, Invalid], null), cancellationToken);
            if (answer.Failure is not null and not MarketoOutcomes.NoDataFound)
            {
                throw Trouble(answer);
            }

            foreach (var row in answer.Rows)
            {
                people[row.Id] = row;
            }
        }

        return
        [
            .. changes.Select(change => (Change: change, Kind: KindOf(change, topics)!.Value, Fields: people.GetValueOrDefault(change.Lead).Fields))
                .Where(told => told.Kind != OptOutKind.HardBounce || (TextOf(told.Fields, Email) is not null && told.Fields!.GetValueOrDefault(Invalid) == "true"))
                .Select(told => new VendorOptOut($"{told.Change.Id}{Separator}{told.Change.Field}", told.Kind, told.Change.At)
                {
                    Email = TextOf(told.Fields, Email),
                    RemoteId = told.Kind == OptOutKind.HardBounce ? null : told.Change.Lead.ToString(CultureInfo.InvariantCulture),
                    Topic = told.Kind == OptOutKind.Topic ? told.Change.Field : null,
                }),
        ];
    }

    private DestinationException Trouble(MarketoAnswer answer) => new(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));

    /// <summary>What a change says; null when it denies nothing.</summary>
    private static OptOutKind? KindOf(LeadChange change, IReadOnlyList<string> topics) => change.Field switch
    {
        Unsubscribed or Blocked => IsTrue(change.NewValue) ? OptOutKind.MarketingEmail : null,
        Invalid => IsTrue(change.NewValue) ? OptOutKind.HardBounce : null,
        _ => topics.Contains(change.Field, StringComparer.Ordinal) && change.NewValue is { } value && !IsTrue(value) ? OptOutKind.Topic : null,
    };

    private static bool IsTrue(string? value) => value is "1" || "true".Equals(value, StringComparison.OrdinalIgnoreCase);

    private static string? TextOf(IReadOnlyDictionary<string, string>? fields, string name) => fields?.GetValueOrDefault(name) is { } json ? JsonSerializer.Deserialize<string>(json) : null;

    /// <summary>Where to go on.</summary>
    /// <param name="Since">What happened from then on is read.</param>
    /// <param name="Start">When reading from there was begun; null when it was not.</param>
    /// <param name="Token">Where in it; null at its beginning.</param>
    private sealed record Place(DateTimeOffset Since, DateTimeOffset? Start, string? Token)
    {
        public static Place? Parse(string? cursor) => cursor?.Split(Separator) switch
        {
            null => null,
            [var since, var start, var token] => new Place(Time(since), Time(start), token),
            [var since, ..] => new Place(Time(since), null, null),
            _ => null,
        };

        public override string ToString() => Token is null ? Text(Since) : $"{Text(Since)}{Separator}{Text(Start!.Value)}{Separator}{Token}";

        private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
