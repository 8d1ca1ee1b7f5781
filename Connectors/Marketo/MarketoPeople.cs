using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Finds people by their keys: lead ids for what knows ids only, and their fields. Keys travel in bodies, never in addresses.</summary>
internal sealed class MarketoPeople(MarketoOptions options, MarketoClient client)
{
    /// <summary>False for a key that the vendor's filter would take for two.</summary>
    public static bool IsSearchable(string key) => !key.Contains(',', StringComparison.Ordinal);

    /// <summary>Lead ids by key, of an answer to <see cref="FindAsync"/>.</summary>
    public static ILookup<string, long> IdsByKey(MarketoAnswer answer) =>
        answer.Rows.Where(row => row is { Id: not 0, Text: not null }).Distinct(ById.Instance)
            .ToLookup(row => row.Text!, row => row.Id, StringComparer.OrdinalIgnoreCase);

    /// <summary>The text of a field as <see cref="LeadRecords"/> keeps it.</summary>
    public static string TextOf(string json) => json.StartsWith('"') ? JsonSerializer.Deserialize<string>(json)! : json;

    /// <summary>The leads that have the ids, with their keys: filter type <c>id</c> of https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads#query.</summary>
    public Task<MarketoAnswer> FindByIdAsync(IEnumerable<string> leadIds, CancellationToken cancellationToken) => FindAsync("id", leadIds, [options.IdentityKey], cancellationToken);

    /// <summary>Everybody who has one of the keys, on one answer however many pages it takes.</summary>
    public Task<MarketoAnswer> FindAsync(IEnumerable<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken) => FindAsync(options.IdentityKey, keys, fields, cancellationToken);

    private async Task<MarketoAnswer> FindAsync(string field, IEnumerable<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        string[] values = [.. keys];
        var rows = new List<AnswerRow>(values.Length);
        string? page = null;
        do
        {
            var answer = await client.SendAsync(MarketoRequests.FindLeads(field, values, fields, page), cancellationToken);
            if (answer.Failure is not null and not MarketoOutcomes.NoDataFound)
            {
                return answer;
            }

            rows.AddRange(answer.Rows);
            page = answer.NextPageToken;
        }
        while (page is not null);
        return MarketoAnswer.OfRows(rows);
    }

    /// <summary>Like <see cref="FindAsync"/>, with halves of the keys where a call for all is refused, as when too many people match.</summary>
    public async Task<MarketoAnswer> FindInPartsAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var answer = await FindAsync(keys, fields, cancellationToken);
        if (answer.Failure is not { } code || !MarketoOutcomes.For(code).Split || keys.Count < 2)
        {
            return answer;
        }

        var first = await FindInPartsAsync([.. keys.Take(keys.Count / 2)], fields, cancellationToken);
        if (first.Failure is not null)
        {
            return first;
        }

        var second = await FindInPartsAsync([.. keys.Skip(keys.Count / 2)], fields, cancellationToken);
        return second.Failure is null ? MarketoAnswer.OfRows([.. first.Rows, .. second.Rows]) : second;
    }

    /// <summary>Looks up the lead ids of slots by their keys.</summary>
    /// <param name="delivery">The delivery that the slots belong to.</param>
    /// <param name="slots">Whom to look up; those who cannot be looked up are settled.</param>
    /// <param name="found">Told every other slot with the ids of all who have its key, perhaps none.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public Task ResolveAsync(
        MarketoDelivery delivery, IEnumerable<DeliverySlot> slots, Action<DeliverySlot, long[]> found, CancellationToken cancellationToken)
    {
        DeliverySlot[] due = [.. slots];
        foreach (var slot in due.Where(slot => !IsSearchable(slot.Item.Key)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(delivery.CreatesNobody ? ReasonCode.KeyNotSearchable : MarketoOutcomes.LeadNotFound));
        }

        return delivery.SendAsync(
            [.. due.Where(slot => !slot.IsSettled)],
            slot => slot,
            (part, _) => FindAsync(part.Select(slot => slot.Item.Key).Distinct(StringComparer.OrdinalIgnoreCase), [], cancellationToken),
            (part, answer) =>
            {
                var ids = IdsByKey(answer);
                foreach (var slot in part)
                {
                    slot.WasResolvedAgain = true;
                    found(slot, [.. ids[slot.Item.Key]]);
                }
            });
    }

    private sealed class ById : IEqualityComparer<AnswerRow>
    {
        public static readonly ById Instance = new();

        public bool Equals(AnswerRow x, AnswerRow y) => x.Id == y.Id;

        public int GetHashCode(AnswerRow row) => row.Id.GetHashCode();
    }
}
