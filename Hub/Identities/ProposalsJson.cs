using System.Text.Json.Serialization;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Identities;

/// <summary>
/// What people should decide about identity: keys masked unless they were asked for in full. There is no next page, for its place would be somebody's key in an address: what was decided
/// makes room for what follows, and <c>kind</c> shows more of one.
/// </summary>
internal sealed record ProposalsJson : PageJson<ProposalJson>
{
    /// <summary>How many there are by kind; of each kind at most 10,000 are counted.</summary>
    [JsonPropertyName("counts")]
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Shows them.</summary>
    /// <param name="proposals">The proposals.</param>
    /// <param name="kind">Which were asked for; null for all.</param>
    /// <param name="reveal">Keys in full.</param>
    public static ProposalsJson From(IdentityProposals proposals, string? kind, bool reveal)
    {
        Func<PersonKey, string> show = reveal ? key => key.ToString() : KeyText.Mask;
        var counts = proposals.Counts.ToDictionary(count => count.Kind, count => count.Count);
        var counted = counts.Where(count => kind is null || count.Key == kind).Sum(count => count.Value);
        return new ProposalsJson
        {
            Counts = counts.ToDictionary(count => count.Key, count => Math.Min(count.Value, Page.MostCounted)),
            Items =
            [
                .. proposals.Undecided.Select(key => new ProposalJson(
                    IdentityProposals.UndecidedKind, [show(key.Key), .. key.Holders.Select(show)], null, null,
                    "An erased person had the key, and whoever has it too is sent nothing until somebody decides; to leave it so is safe. Ask the person. When it is surely somebody else's: 'identity assign KEY --to ID --reason TEXT'. When many share it, as the number of an office: 'identity block KEY --reason TEXT'. When whoever has it is the erased person: 'erase ID --law LAW --reason TEXT'.")),
                .. proposals.Merges.Select(merge => new ProposalJson(
                    IdentityProposals.MergeKind, [show(merge.Stays), show(merge.Gone)], merge.Producer, merge.OccurredAt,
                    "The producer merged the two. When they are one person: 'identity merge ID OTHER --reason TEXT'. To let its merges count by themselves, name it under sources in identity.yaml.")),
                .. proposals.Contested.Select(key => new ProposalJson(
                    PersonKey.WordOf(key.Key.Kind), [show(key.Key), .. key.Candidates.Select(show)], null, null,
                    "Several people claim the key. When it is one's: 'identity assign KEY --to ID --reason TEXT'. When they are one person: 'identity merge ID OTHER --reason TEXT'. When many share it: 'identity block KEY --reason TEXT'.")),
            ],
            Next = null,
            Count = Math.Min(counted, Page.MostCounted),
            CountCapped = counted > Page.MostCounted,
        };
    }
}

/// <summary>Something to decide.</summary>
/// <param name="Kind">The word for the kind of a contested key, <c>undecided</c> for a key that an erased person had too, or <c>merge</c>.</param>
/// <param name="Keys">The contested or undecided key and who claims it; of a merge the one that stays at the producer and the one that is gone.</param>
/// <param name="Producer">Of a merge: who says so.</param>
/// <param name="OccurredAt">Of a merge: when it was so.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record ProposalJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("keys")] IReadOnlyList<string> Keys,
    [property: JsonPropertyName("producer")] string? Producer,
    [property: JsonPropertyName("occurred_at")] DateTimeOffset? OccurredAt,
    [property: JsonPropertyName("next_step")] string NextStep);
