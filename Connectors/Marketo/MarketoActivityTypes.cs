using System.Collections.Concurrent;
using System.Globalization;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>A custom activity type that can be used.</summary>
internal sealed record ActivityType(long Id, string Primary, IReadOnlySet<string> Secondary);

/// <summary>The instance's custom activity types by id or API name, each asked for once a day. Thread-safe.</summary>
internal sealed class MarketoActivityTypes(TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, (ActivityType Type, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>Finds a type by its id or API name.</summary>
    /// <param name="client">Asks for one that is not known.</param>
    /// <param name="name">Id or API name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The type, or the answer that says why there is none.</returns>
    public async Task<(ActivityType? Type, MarketoAnswer? Failure)> FindAsync(MarketoClient client, string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(name, out var known) && now < known.Until)
        {
            return (known.Type, null);
        }

        var all = await client.SendAsync(MarketoRequests.ActivityTypes(), cancellationToken);
        if (all.Failure is not null)
        {
            return (null, all);
        }

        var row = all.Rows.FirstOrDefault(row => row.Text == name || row.Id.ToString(CultureInfo.InvariantCulture) == name);
        if (row is not { Id: not 0, Text: { } apiName })
        {
            return (null, MarketoAnswer.Failed(MarketoOutcomes.EventTypeUnknown));
        }

        if (!IsApproved(row))
        {
            return (null, MarketoAnswer.Failed(MarketoOutcomes.EventTypeNotApproved));
        }

        var described = await client.SendAsync(MarketoRequests.ActivityType(apiName), cancellationToken);
        if (described.Content is not ActivityTypeDescription description)
        {
            return (null, described.Failure is null ? MarketoAnswer.Failed(MarketoAnswer.Malformed) : described);
        }

        var type = new ActivityType(row.Id, description.Primary, description.Secondary);
        _known[name] = (type, now + Life);
        return (type, null);
    }

    /// <summary>Of a type that is approved and has a draft, the approved version counts.</summary>
    private static bool IsApproved(AnswerRow row) =>
        row.Fields?.GetValueOrDefault("status")?.StartsWith("\"approved", StringComparison.Ordinal) == true;
}
