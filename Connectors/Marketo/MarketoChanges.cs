using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Tells of which leads mapped fields were changed since a time, by the feed of changed values
/// (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities, "Data value changes"). It tells who, and of each field what it became; what a lead
/// holds in all fields it does not tell.
/// </summary>
internal sealed class MarketoChanges(MarketoClient client, TimeProvider time)
{
    /// <summary>Changes come to light late.</summary>
    public static readonly TimeSpan ShownAfter = TimeSpan.FromHours(1);

    private static readonly IReadOnlyDictionary<string, string> _none = new Dictionary<string, string>();

    /// <summary>Reads a page; the first one takes a call more, for the token.</summary>
    /// <exception cref="DestinationException">Marketo does not say.</exception>
    public async Task<ChangedProfilePage> ReadAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken)
    {
        var token = cursor ?? await TokenAsync(since, cancellationToken);
        var answer = await client.SendAsync(MarketoRequests.ReadChanges(token, fields.Distinct(StringComparer.Ordinal)), cancellationToken);
        if (answer.Failure is { } code && cursor is not null && MarketoOutcomes.For(code).Trouble is null)
        {
            // The token may be too old: the pass is begun anew.
            answer = await client.SendAsync(MarketoRequests.ReadChanges(await TokenAsync(since, cancellationToken), fields.Distinct(StringComparer.Ordinal)), cancellationToken);
        }

        if (answer.Content is not LeadChanges page)
        {
            throw Trouble(answer);
        }

        var leads = page.Changes.Select(change => change.Lead).Distinct().Select(lead => new RemoteProfile("", lead.ToString(CultureInfo.InvariantCulture), _none)).ToList();
        return new ChangedProfilePage(leads, HasFields: false, leads.Count, page.HasMore ? page.Token : null);
    }

    private async Task<string> TokenAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(MarketoRequests.PagingToken(since), cancellationToken);
        return answer.Content as string ?? throw Trouble(answer);
    }

    private DestinationException Trouble(MarketoAnswer answer) => new(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));
}
