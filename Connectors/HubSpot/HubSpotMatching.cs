using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Finds the item of a call that a row or an error of its answer is about, by every name that HubSpot may use: our trace id, the record id
/// that was sent, the key, the e-mail, the record id that the hub remembers. Never by position: rows come in any order. A name that several
/// items share names nobody.
/// </summary>
/// <param name="settlement">The books.</param>
/// <param name="part">The items of the call.</param>
/// <param name="idProperty">The identity property.</param>
/// <param name="sentIds">For an update by record id, the ids that were sent; else null.</param>
internal sealed class HubSpotMatching(HubSpotSettlement settlement, int[] part, string idProperty, IReadOnlyDictionary<int, string>? sentIds)
{
    private readonly HashSet<int> _part = [.. part];
    private Dictionary<string, int>? _bySentId;
    private Dictionary<string, int>? _byKey;
    private Dictionary<string, int>? _byEmail;
    private Dictionary<string, int>? _byRememberedId;

    /// <summary>Pairs rows with items. When one of each is left in the end, they are a pair.</summary>
    public IEnumerable<(int Index, ContactRow Row)> Pair(IReadOnlyList<ContactRow> rows)
    {
        var pairs = new Dictionary<int, ContactRow>(rows.Count);
        var nameless = new List<ContactRow>();
        foreach (var row in rows)
        {
            if (Find(row) is { } index)
            {
                pairs.TryAdd(index, row);
            }
            else if (row.TraceId == ContactRow.Untraced && row[idProperty] is null)
            {
                nameless.Add(row);
            }
        }

        if (nameless is [var last] && part.Where(index => !pairs.ContainsKey(index)).Take(2).ToArray() is [var left] && rows.Count == part.Length)
        {
            pairs.Add(left, last);
        }

        return pairs.Select(static pair => (pair.Key, pair.Value));
    }

    /// <summary>The items that an error names.</summary>
    public IReadOnlyCollection<int> Named(HubSpotError error)
    {
        var named = new HashSet<int>();
        foreach (var recordId in error.TraceIds)
        {
            if (settlement.TryFind(recordId, out var index) && _part.Contains(index))
            {
                named.Add(index);
            }
        }

        foreach (var id in error.Ids)
        {
            if ((Of(ref _bySentId, id, SentId) ?? Of(ref _byKey, HubSpotMapper.KeyOnWire(idProperty, id), Key)) is { } index)
            {
                named.Add(index);
            }
        }

        return named;
    }

    private int? Find(ContactRow row)
    {
        if (settlement.TryFind(row.TraceId, out var traced) && _part.Contains(traced))
        {
            return traced;
        }

        return Of(ref _bySentId, row.Id, SentId)
            ?? (row[idProperty] is { } key ? Of(ref _byKey, HubSpotMapper.KeyOnWire(idProperty, key), Key)
            : row[ContactRow.EmailProperty] is { } email && Of(ref _byEmail, HubSpotMapper.KeyOnWire(ContactRow.EmailProperty, email), Email) is { } index ? index
            : Of(ref _byRememberedId, row.Id, static item => item.RemoteId));
    }

    private int? Of(ref Dictionary<string, int>? items, string name, Func<BatchItem, string?> nameOf)
        => Of(ref items, name, index => nameOf(settlement.Items[index]));

    private int? Of(ref Dictionary<string, int>? items, string name, Func<int, string?> nameOf)
    {
        items ??= part.Select(index => (Index: index, Name: nameOf(index))).Where(static item => item.Name is not null)
            .GroupBy(static item => item.Name!).Where(static group => group.Count() == 1).ToDictionary(static group => group.Key, static group => group.First().Index);
        return items.TryGetValue(name, out var found) ? found : null;
    }

    private string? SentId(int index) => sentIds?.GetValueOrDefault(index);

    private string Key(BatchItem item) => HubSpotMapper.KeyOnWire(idProperty, item.Key);

    private static string? Email(BatchItem item) => HubSpotMapper.EmailOf(item) is { } email ? HubSpotMapper.KeyOnWire(ContactRow.EmailProperty, email) : null;
}
