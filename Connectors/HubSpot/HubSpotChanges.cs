using System.Buffers;
using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Tells which contacts were changed since a time, by search. A query ends after 10,000 results, and what is changed while it is paged through moves: so every page is a query of
/// its own, for the ids above the last one. https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
/// </summary>
internal sealed class HubSpotChanges(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    /// <summary>The page says that what was just changed is found a few moments later.</summary>
    public static readonly TimeSpan ShownAfter = TimeSpan.FromMinutes(2);

    private const string RecordId = "hs_object_id";

    /// <summary>Reads a page.</summary>
    /// <exception cref="DestinationException">HubSpot did not answer.</exception>
    public async Task<ChangedProfilePage> ReadAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken)
    {
        string[] properties = [options.IdentityProperty, .. fields.Where(field => field != options.IdentityProperty).Distinct(StringComparer.Ordinal)];
        var body = Question(since, properties, cursor);
        var hasFields = body.WrittenCount <= HubSpotDescriptor.MaxSearchBytes;
        body = hasFields ? body : Question(since, [options.IdentityProperty], cursor);
        var answer = await client.SearchAsync(body.WrittenMemory, cancellationToken);
        if (answer.Failure is { } failure)
        {
            var judgement = journal.Judge(failure, HubSpotApiVersion.SearchContacts, 0);
            throw new DestinationException(judgement.Condition ?? new DestinationCondition(DestinationTrouble.Unavailable, judgement.Code));
        }

        var found = answer.Body!;
        var last = found.Results.Select(row => Number(row.Id)).DefaultIfEmpty(0).Max();
        if (found.Results.Count > 0 && last <= Number(cursor ?? "0"))
        {
            // It would be asked for the same page for ever.
            throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "malformed_answer"));
        }

        return new ChangedProfilePage(
            [.. found.Results.Select(row => new RemoteProfile(row.Text(options.IdentityProperty) ?? "", row.Id, hasFields ? Told(row, fields) : new Dictionary<string, string>()))],
            hasFields,
            found.Total,
            found.Results.Count < found.Total ? last.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static ArrayBufferWriter<byte> Question(DateTimeOffset since, IReadOnlyList<string> properties, string? cursor)
    {
        var body = new ArrayBufferWriter<byte>(HubSpotDescriptor.MaxSearchBytes);
        HubSpotMapper.WriteSearch(
            body,
            [("lastmodifieddate", "GTE", since.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)), .. cursor is null ? Array.Empty<(string, string, string)>() : [(RecordId, "GT", cursor)]],
            RecordId, properties, HubSpotDescriptor.SearchPage);
        return body;
    }

    private static Dictionary<string, string> Told(ProfileRow row, IReadOnlyList<string> fields) =>
        fields.Where(row.Properties.ContainsKey).Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => row.Properties[name], StringComparer.Ordinal);

    private static long Number(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "malformed_answer"));
}
