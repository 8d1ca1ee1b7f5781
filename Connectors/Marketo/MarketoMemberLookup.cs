using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Tells who of given people is in a static list. The vendor takes lead ids only.</summary>
internal sealed class MarketoMemberLookup(MarketoPeople people, MarketoClient client, TimeProvider time)
{
    private static readonly ILookup<string, long> Nobody = Array.Empty<long>().ToLookup(_ => "");

    /// <summary>
    /// Asks by lead id. Who is not known by one, or whose lead was merged or deleted, is looked up by key; then it is enough that one of the
    /// leads with the key is a member.
    /// </summary>
    /// <exception cref="DestinationException">The vendor did not answer about everybody.</exception>
    public async Task<IReadOnlyList<RemoteMember>> LookUpAsync(string list, IReadOnlyList<RemoteMember> asked, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(asked.Count, MarketoDescriptor.MaxRecords);
        var isMember = new Dictionary<long, bool>();
        await AskAsync(list, asked.Select(LeadIdOf).Where(id => id != 0), isMember, cancellationToken);

        string[] keys =
        [
            .. asked.Where(person => person.Key is not null && MarketoPeople.IsSearchable(person.Key) && !IsKnown(person))
                .Select(person => person.Key!).Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        var leads = keys.Length == 0 ? Nobody : await FindAsync(keys, cancellationToken);
        await AskAsync(list, leads.SelectMany(ids => ids).Where(id => !isMember.ContainsKey(id)), isMember, cancellationToken);

        var members = new List<RemoteMember>(asked.Count);
        foreach (var person in asked)
        {
            var ids = IsKnown(person) ? [LeadIdOf(person)] : person.Key is null ? [] : leads[person.Key];
            if (ids.FirstOrDefault(id => isMember.GetValueOrDefault(id)) is var lead and not 0)
            {
                members.Add(person with { RemoteId = person.RemoteId ?? lead.ToString(CultureInfo.InvariantCulture) });
            }
        }

        return members;

        bool IsKnown(RemoteMember person) => isMember.ContainsKey(LeadIdOf(person));
    }

    /// <summary>Notes of each lead that is there whether it is in the list.</summary>
    private async Task AskAsync(string list, IEnumerable<long> leads, Dictionary<long, bool> isMember, CancellationToken cancellationToken)
    {
        foreach (var part in leads.Distinct().Chunk(MarketoDescriptor.MaxRecords))
        {
            var answer = await client.SendAsync(MarketoRequests.AreMembers(list, part), cancellationToken);
            if (answer.Failure is not null)
            {
                throw Trouble(answer);
            }

            var untold = part.ToHashSet();
            foreach (var (at, row) in answer.Rows.Index())
            {
                // Rows stand in the order asked; a skipped one may be without its id.
                var lead = row.Id == 0 && answer.Rows.Count == part.Length ? part[at] : row.Id;
                if (row.Status is RowStatus.MemberOf or RowStatus.NotMemberOf)
                {
                    isMember[lead] = row.Status == RowStatus.MemberOf;
                    untold.Remove(lead);
                }
                else if (row.Reason == MarketoOutcomes.LeadNotFound)
                {
                    untold.Remove(lead);
                }
                else if (row.Reason is { } reason)
                {
                    throw Trouble(MarketoAnswer.Failed(reason));
                }
            }

            if (untold.Count > 0)
            {
                throw Trouble(MarketoAnswer.Failed(MarketoOutcomes.Unmentioned));
            }
        }
    }

    private async Task<ILookup<string, long>> FindAsync(string[] keys, CancellationToken cancellationToken)
    {
        var answer = await people.FindInPartsAsync(keys, [], cancellationToken);
        return answer.Failure is null ? MarketoPeople.IdsByKey(answer) : throw Trouble(answer);
    }

    private DestinationException Trouble(MarketoAnswer answer) => new(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));

    /// <summary>The lead id, or 0, which no lead has.</summary>
    private static long LeadIdOf(RemoteMember person) => long.TryParse(person.RemoteId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
